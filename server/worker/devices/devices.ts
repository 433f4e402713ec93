/** Finds which devices can be used on this machine, and which of them is the fastest for a model. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { deviceNames, devices, type DeviceName } from '../../engine/ops/device.ts';
import { availableBackends, runtimeVersion } from '../../engine/onnx/runtime.ts';
import type { ProbeRequest, Trial } from '../../protocol/devices/deviceTrial.ts';
import { cacheFolder } from '../../launch/cacheFolder.ts';
import { internal, type ErrorDetails } from '../../protocol/errors.ts';
import type { DeviceChoice, DeviceTiming } from '../../protocol/devices/deviceChoice.ts';
import { deviceChoice } from '../../protocol/devices/deviceChoice.ts';
import type { DeviceDescription } from '../../protocol/messages/worker.ts';
import { cudaProvider, deviceFacts, hasGraphics } from './deviceFacts.ts';
import { probeInChild, type Prober } from './probeInChild.ts';

/** The largest relative difference from the CPU's loss that is accepted. */
const TOLERANCE = 1e-3;

/** Describes every device. Those that this system could have are tried on a tiny model. */
export async function describeDevices(probe: Prober = probeInChild): Promise<readonly DeviceDescription[]> {
  const reference = await probe({ device: 'cpu', threads: 0 });
  const described: DeviceDescription[] = [];
  for (const name of deviceNames) described.push(await describe(name, reference, probe));
  return described;
}

async function describe(name: DeviceName, reference: Awaited<ReturnType<Prober>>, probe: Prober) {
  const { title, precision } = devices[name];
  const absent = absence(name);
  if (absent) {
    const { what: detail, ...rest } = absent;
    return { name, available: false, precision, detail, ...rest };
  }
  const answer = name === 'cpu' ? reference : await probe({ device: name, threads: 0 });
  const facts = await deviceFacts(name);
  const memory = facts.memoryBytes === undefined ? {} : { memoryBytes: facts.memoryBytes };
  const failure = 'failed' in answer ? answer.failed : disagreement(name, answer.trial, reference);
  if (failure) {
    const remedy = failure.remedy ?? 'Use another device.';
    return { name, available: false, precision, ...memory, detail: failure.what, remedy };
  }
  const share = 'trial' in answer ? `${answer.trial.share.onDevice} of ${answer.trial.share.nodes} nodes on it` : '';
  const detail = [facts.model ?? title, `ONNX Runtime ${runtimeVersion}`, share].filter(Boolean).join(', ');
  return { name, available: true, precision, ...memory, detail };
}

interface Absence {
  readonly what: string;
  readonly remedy: string;
  /** Whether `devices install` can install it. */
  readonly installable?: boolean;
}

/** Why this system cannot have the device, where that is known without a trial. */
function absence(name: DeviceName): Absence | undefined {
  const { platforms, title } = devices[name];
  if (!platforms.includes(process.platform) || !availableBackends().includes(name)) {
    const where = platforms.map((p) => ({ linux: 'Linux', win32: 'Windows', darwin: 'macOS' })[p] ?? p).join(', ');
    return { what: `${title} is not in onnxruntime-node on this system`, remedy: `It is to be had on ${where}.` };
  }
  if (name === 'cuda' && !existsSync(cudaProvider())) {
    return {
      what: 'the provider library of CUDA is missing',
      remedy: 'Run "rankscope devices install cuda". It also needs the CUDA 12 and cuDNN 9 libraries and a driver.',
      installable: true,
    };
  }
  return undefined;
}

/** Why the result of a trial is not acceptable; undefined where it is. */
function disagreement(
  name: DeviceName,
  trial: Trial,
  reference: Awaited<ReturnType<Prober>>,
): ErrorDetails | undefined {
  if (!('trial' in reference)) return reference.failed;
  const gap = lossGap(trial.losses, reference.trial.losses);
  if (gap > TOLERANCE) {
    const what = `its losses differ from the CPU's by ${gap.toExponential(1)}, relative; ${TOLERANCE} is allowed`;
    return { code: 'device', what, remedy: 'Update its driver, or use another device.' };
  }
  const { elsewhere } = trial.share;
  if (elsewhere.length === 0) return undefined;
  const what = `${devices[name].title} left nodes to others: ${elsewhere.join(', ')}`;
  return { code: 'device', what, remedy: 'Use another device.' };
}

/** The largest relative difference between losses. Infinite where one of them is not finite. */
function lossGap(losses: readonly number[], expected: readonly number[]): number {
  if (losses.length !== expected.length) return Infinity;
  const gaps = losses.map(
    (loss, i) => Math.abs(loss - (expected[i] ?? NaN)) / Math.max(1, Math.abs(expected[i] ?? NaN)),
  );
  return gaps.every(Number.isFinite) ? Math.max(...gaps) : Infinity;
}

/** A model whose training is timed. */
export interface TimedModel extends NonNullable<ProbeRequest['model']> {
  /** The content of its config.json, which determines its shape. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly threads: number;
}

export interface ChoosingOptions {
  readonly probe?: Prober;
  /** Devices to time beside the CPU. The default is those that this system could have. */
  readonly candidates?: readonly DeviceName[];
  /** Folder in which choices are cached. */
  readonly cache?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Chooses the device that trains the model fastest among those whose losses agree with the CPU's. Each device is
 * timed on some real steps in a process of its own. A choice is cached by machine and model shape. Where the CPU is
 * the only candidate, nothing is timed.
 */
export async function chooseDevice(model: TimedModel, options: ChoosingOptions = {}): Promise<DeviceChoice> {
  const others = options.candidates ?? deviceNames.filter((name) => name !== 'cpu' && couldBeHere(name));
  if (others.length === 0) return { chosen: 'cpu', timings: [] };
  const file = path.join(
    options.cache ?? path.join(cacheFolder(process.env), 'devices'),
    `${choiceKey(model, others)}.json`,
  );
  const known = await readChoice(file);
  if (known) return known;
  const choice = await timeDevices(model, others, options);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(choice));
  return choice;
}

function couldBeHere(name: DeviceName): boolean {
  return absence(name) === undefined && (name !== 'webgpu' || hasGraphics());
}

async function timeDevices(
  { threads, path: where, folder, storage, prepack }: TimedModel,
  others: readonly DeviceName[],
  { probe = probeInChild, signal }: ChoosingOptions,
): Promise<DeviceChoice> {
  const model = { path: where, folder, storage, prepack };
  const reference = await probe({ device: 'cpu', threads, model }, signal);
  if (!('trial' in reference)) return { chosen: 'cpu', timings: [{ device: 'cpu', reason: reference.failed.what }] };
  const timings: DeviceTiming[] = [timing('cpu', reference.trial)];
  for (const device of others) {
    const answer = await probe({ device, threads, model }, signal);
    signal?.throwIfAborted();
    const failure = 'failed' in answer ? answer.failed : disagreement(device, answer.trial, reference);
    if (failure) timings.push({ device, reason: failure.what });
    else if ('trial' in answer) timings.push(timing(device, answer.trial));
  }
  const timed = timings.filter(({ seconds }) => seconds !== undefined);
  const [fastest] = timed.toSorted((a, b) => (a.seconds ?? Infinity) - (b.seconds ?? Infinity));
  if (!fastest) throw internal('The CPU was not timed.');
  return { chosen: fastest.device, timings };
}

function timing(device: DeviceName, { seconds, losses, share }: Trial): DeviceTiming {
  const { nodes, onDevice } = share;
  const loss = losses.at(-1);
  return { device, seconds, nodes, onDevice, ...(loss !== undefined && { loss }) };
}

async function readChoice(file: string): Promise<DeviceChoice | undefined> {
  try {
    return deviceChoice.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Cache key: the machine, the runtime and the model's shape. Drivers are identified by the variables that name them. */
function choiceKey({ config, threads, storage }: TimedModel, others: readonly DeviceName[]): string {
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES, CUDA_VISIBLE_DEVICES } = process.env;
  const machine = [cpus()[0]?.model, availableParallelism(), process.platform, process.arch, runtimeVersion];
  const drivers = [VK_ICD_FILENAMES, VK_DRIVER_FILES, CUDA_VISIBLE_DEVICES];
  const parts = JSON.stringify([machine, drivers, others, threads, storage, config]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}
