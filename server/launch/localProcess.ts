/** Starts the engine as a process of this machine, and reports how it ended. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { openClient, type Client } from '../protocol/messages/channel.ts';
import type { ErrorDetails } from '../protocol/errors.ts';
import { workerContract, type WorkerContract } from '../protocol/messages/worker.ts';
import { engineEnvironment } from './engineEnvironment.ts';
import { ipcDuplex } from './ipcDuplex.ts';

export interface LaunchOptions {
  /** The worker's script: dist/worker.cjs, or its source with `execArgv` that loads TypeScript. */
  readonly entry: string;
  readonly execArgv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Receives each line that the engine writes to its standard output and error. */
  readonly onLog?: (line: string) => void;
  /** How long `dispose` waits for the engine to leave by itself, ms. */
  readonly graceMilliseconds?: number;
}

export interface EngineProcess {
  readonly client: Client<WorkerContract>;
  readonly pid: number | undefined;
  /** Resolves when the process has ended, with the reason. */
  readonly exited: Promise<ErrorDetails>;
  /** Asks the engine to end (running sweeps record that they were cancelled), and kills it when it does not. */
  dispose(): Promise<void>;
}

/** Number of log lines that are reported when the engine dies. */
const lastWords = 5;

/** Starts the engine process. It does not throw: a process that cannot start fails every request. */
export function launchEngine(options: LaunchOptions): EngineProcess {
  const child = fork(options.entry, [], {
    // In the extension host, execPath is Electron, which this variable turns into Node.
    env: { ...engineEnvironment(options.env ?? process.env), ELECTRON_RUN_AS_NODE: '1' },
    execPath: process.execPath,
    execArgv: [...(options.execArgv ?? [])],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = forwardLog(child, options.onLog ?? (() => undefined));
  let disposed = false;
  const exited = whatBecameOf(child, log, () => disposed);
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

interface Log {
  /** The most recent lines. */
  readonly tail: readonly string[];
  /** Resolves when both streams have been read to their ends. */
  readonly ended: Promise<unknown>;
}

function forwardLog(child: ChildProcess, onLog: (line: string) => void): Log {
  const tail: string[] = [];
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const ends = streams.map((stream) => {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      tail.push(line);
      if (tail.length > lastWords) tail.shift();
      onLog(line);
    });
    return once(lines, 'close');
  });
  return { tail, ended: Promise.all(ends) };
}

/**
 * Resolves once the process has ended, its messages have been received and its last lines have been read. Node's
 * own `close` event is no help: it is never emitted after `disconnect()` has been called on this side.
 */
async function whatBecameOf(child: ChildProcess, log: Log, wasDisposed: () => boolean): Promise<ErrorDetails> {
  const disconnected = new Promise<void>((resolve) => {
    if (child.connected) child.once('disconnect', resolve);
    else resolve();
  });
  const end = await endOf(child);
  if (end instanceof Error) return { code: 'engine', what: `the engine process could not start: ${end.message}` };
  // A process that the engine has started may hold the streams open longer than is worth waiting for.
  await Promise.race([Promise.all([disconnected, log.ended]), setTimeout(1000, undefined, { ref: false })]);
  // If this process was itself busy for that long, unread lines still lie in the streams. The next turns read them.
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  return wasDisposed() ? stopped : death(end.code, end.signal, log.tail);
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Resolves with how the process ended, or with the error that kept it from starting. Later errors, such as of a
 * message that was not sent, are reported elsewhere.
 */
function endOf(child: ChildProcess): Promise<End | Error> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(error);
    });
  });
}

const stopped: ErrorDetails = { code: 'engine', what: 'the engine process was stopped' };

function death(code: number | null, signal: NodeJS.Signals | null, tail: readonly string[]): ErrorDetails {
  const how = signal ? `was ended by ${signal}` : `exited with status ${code ?? 'unknown'}`;
  // The system's out-of-memory killer sends a plain SIGKILL.
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
  const waited = new AbortController();
  const killed = setTimeout(grace, undefined, { signal: waited.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await exited;
  waited.abort();
  await killed;
}
