/** Starts the engine as a process of this machine, and tells what became of it. */
import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { openClient, type Client } from '../protocol/channel.ts';
import type { ErrorDetails } from '../protocol/errors.ts';
import { workerContract, type WorkerContract } from '../protocol/worker.ts';
import { ipcDuplex } from './ipcDuplex.ts';

export interface LaunchOptions {
  /** The worker's script: dist/worker.cjs, or its source with `execArgv` that loads TypeScript. */
  readonly entry: string;
  readonly execArgv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Hears each line that the engine writes to its standard output and error. */
  readonly onLog?: (line: string) => void;
  /** How long `dispose` waits for the engine to leave by itself, ms. */
  readonly graceMilliseconds?: number;
}

export interface EngineProcess {
  readonly client: Client<WorkerContract>;
  readonly pid: number | undefined;
  /** Resolves when the process is gone, with what became of it. */
  readonly exited: Promise<ErrorDetails>;
  /** Asks the engine to leave (running sweeps record that they were cancelled), and kills it when it does not. */
  dispose(): Promise<void>;
}

/** Last lines of the log that are told when the engine dies. */
const lastWords = 5;

/** Starts the engine process. It does not throw: a process that cannot start fails every request. */
export function launchEngine(options: LaunchOptions): EngineProcess {
  const child = fork(options.entry, [], {
    // In the extension host, execPath is Electron, which must be told to be Node.
    env: { ...(options.env ?? process.env), ELECTRON_RUN_AS_NODE: '1' },
    execPath: process.execPath,
    execArgv: [...(options.execArgv ?? [])],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const tail = forwardLog(child, options.onLog ?? (() => undefined));
  let disposed = false;
  const exited = whatBecameOf(child, tail, () => disposed);
  return {
    client: openClient(workerContract, ipcDuplex(child, exited)),
    pid: child.pid,
    exited,
    dispose: async () => {
      disposed = true;
      await stop(child, exited, options.graceMilliseconds ?? 10_000);
    },
  };
}

function forwardLog(child: ChildProcess, onLog: (line: string) => void): readonly string[] {
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line);
      if (tail.length > lastWords) tail.shift();
      onLog(line);
    });
  }
  return tail;
}

function whatBecameOf(child: ChildProcess, tail: readonly string[], wasDisposed: () => boolean): Promise<ErrorDetails> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined)
        resolve({ code: 'engine', what: `the engine process could not start: ${error.message}` });
    });
    // `close` comes after the output has been read to its end, so that the last words are known.
    child.once('close', (code, signal) => {
      resolve(wasDisposed() ? stopped : death(code, signal, tail));
    });
  });
}

const stopped: ErrorDetails = { code: 'engine', what: 'the engine process was stopped' };

function death(code: number | null, signal: NodeJS.Signals | null, tail: readonly string[]): ErrorDetails {
  const how = signal ? `was ended by ${signal}` : `exited with status ${code ?? 'unknown'}`;
  // What the system's memory guard does to a process it picks is a plain SIGKILL.
  const guess = signal === 'SIGKILL' ? ' (out of memory, or killed by hand)' : '';
  const words = tail.length > 0 ? ` Its last words: ${tail.join(' | ')}.` : '';
  return {
    code: 'engine',
    what: `the engine process ${how}${guess}.${words}`,
    remedy: 'A run that was going on is kept: "rankscope resume RUN" goes on from its last checkpoint.',
  };
}

async function stop(child: ChildProcess, exited: Promise<ErrorDetails>, grace: number): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), grace);
  await exited;
  clearTimeout(timer);
}
