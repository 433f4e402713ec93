/** Runs a device's probe in a process of its own and reports the result, also after a crash. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { devices } from '../../engine/ops/device.ts';
import { engineEntry } from '../../launch/engineEntry.ts';
import { engineEnvironment } from '../../launch/engineEnvironment.ts';
import { probeAnswer, type ProbeAnswer, type ProbeRequest } from '../../protocol/devices/deviceTrial.ts';
import { PROBE } from './deviceProbe.ts';

export type Prober = (request: ProbeRequest, signal?: AbortSignal) => Promise<ProbeAnswer>;

/** Longer than any probe of a working device takes, ms. After that the driver counts as hanging. */
const LIMIT_MILLISECONDS = 180_000;

/** Never rejects: the reason why a device cannot be used is a result. */
export const probeInChild: Prober = (request, signal) => {
  const { entry, execArgv = [] } = engineEntry(fileURLToPath(import.meta.url));
  const child = fork(entry, [PROBE, JSON.stringify(request)], {
    env: { ...engineEnvironment(process.env), ELECTRON_RUN_AS_NODE: '1' },
    execPath: process.execPath,
    execArgv: [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: LIMIT_MILLISECONDS,
    killSignal: 'SIGKILL',
    ...(signal && { signal }),
  });
  let answer: ProbeAnswer | undefined;
  let words = '';
  child.stderr?.on('data', (data: Buffer) => (words = (words + data.toString()).slice(-500)));
  child.on('message', (message) => (answer = probeAnswer.safeParse(message).data));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(answer ?? crashed(request, error.message, words)));
    child.once('close', (code, killed) => {
      const how = killed ? `was ended by ${killed}` : `exited with status ${code ?? 'unknown'}`;
      resolve(answer ?? crashed(request, how, words));
    });
  });
};

function crashed({ device }: ProbeRequest, how: string, words: string): ProbeAnswer {
  const last = words.trim() === '' ? '' : ` Its last words: ${words.trim().split('\n').slice(-3).join(' | ')}.`;
  return {
    failed: {
      code: 'device',
      what: `The process that tried ${devices[device].title} ${how}.${last}`,
      remedy: 'Update the driver of the device, or use another one: "--device cpu".',
    },
  };
}
