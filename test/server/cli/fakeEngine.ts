/** A command line with nothing real around it: what it writes is kept, and the engine is a set of handlers. */
import { openClient, serve, type Duplex, type Handlers } from '../../../server/protocol/messages/channel.ts';
import { workerContract, type WorkerContract } from '../../../server/protocol/messages/worker.ts';
import { RankscopeError, type ErrorDetails } from '../../../server/protocol/errors.ts';
import type { EngineProcess } from '../../../server/launch/localProcess.ts';
import type { CliContext } from '../../../server/cli/options/command.ts';
import { runCli } from '../../../server/cli/runCli.ts';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Engines started and not disposed of. */
  readonly left: number;
}

export interface FakeOptions {
  readonly handlers?: Partial<Handlers<WorkerContract>>;
  readonly signal?: AbortSignal;
  readonly columns?: number;
  readonly debug?: boolean;
}

export async function rankscope(args: readonly string[], options: FakeOptions = {}): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  let left = 0;
  const context: CliContext = {
    write: (text) => void (stdout += text),
    tell: (text) => void (stderr += text),
    terminalColumns: options.columns,
    signal: options.signal ?? new AbortController().signal,
    now: () => new Date('2026-01-02T03:04:05Z'),
    launch: () => {
      left += 1;
      return fakeEngine(options.handlers ?? {}, () => (left -= 1));
    },
  };
  const status = await runCli(args, context, { version: '1.2.3', debug: options.debug ?? false });
  return { status, stdout, stderr, left };
}

function fakeEngine(handlers: Partial<Handlers<WorkerContract>>, onDispose: () => void): EngineProcess {
  const { asking, answering } = linked();
  const refuse = () => Promise.reject(new RankscopeError({ code: 'engine', what: 'not expected by the test' }));
  const all = Object.fromEntries(Object.keys(workerContract).map((name) => [name, refuse])) as never;
  serve(workerContract, answering, Object.assign(all, handlers));
  return {
    client: openClient(workerContract, asking),
    pid: 1,
    exited: new Promise<ErrorDetails>(() => undefined),
    dispose: () => {
      onDispose();
      return Promise.resolve();
    },
  };
}

function linked(): { readonly asking: Duplex; readonly answering: Duplex } {
  const listeners: [((m: unknown) => void)[], ((m: unknown) => void)[]] = [[], []];
  const end = (own: 0 | 1): Duplex => ({
    send: (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => listeners[own === 0 ? 1 : 0].forEach((listener) => listener(copy)));
    },
    onMessage: (listener) => void listeners[own].push(listener),
    onClose: () => undefined,
  });
  return { asking: end(0), answering: end(1) };
}
