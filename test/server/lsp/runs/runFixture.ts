/** Runs on a disk and engines that are a set of handlers, for tests of what the editor asks. */
import { openClient, serve, type Handlers } from '../../../../server/protocol/messages/channel.ts';
import { RankscopeError, type ErrorDetails } from '../../../../server/protocol/errors.ts';
import type { RunEvent, RunMetrics } from '../../../../server/protocol/run/run.ts';
import { workerContract, type WorkerContract } from '../../../../server/protocol/messages/worker.ts';
import type { EngineProcess } from '../../../../server/launch/localProcess.ts';
import { RunStore } from '../../../../server/runs/runStore.ts';
import { linkedDuplex } from '../../protocol/linkedDuplex.ts';
import { sampleMetrics, sampleRecord } from '../../runs/sampleRun.ts';

export interface FakeEngine extends EngineProcess {
  /** Ends it as a kill would. */
  die(what?: string): void;
  readonly disposed: () => boolean;
}

/** An engine process that answers with these handlers; everything else it refuses. */
export function fakeEngine(handlers: Partial<Handlers<WorkerContract>>): FakeEngine {
  const { asking, answering, close } = linkedDuplex();
  const refuse = () => Promise.reject(new RankscopeError({ code: 'engine', what: 'not expected by the test' }));
  const all = Object.fromEntries(Object.keys(workerContract).map((name) => [name, refuse])) as never;
  serve(workerContract, answering, Object.assign(all, handlers));
  let disposed = false;
  let end: (details: ErrorDetails) => void = () => undefined;
  const exited = new Promise<ErrorDetails>((resolve) => (end = resolve));
  const finish = (details: ErrorDetails) => {
    close(details);
    end(details);
  };
  return {
    client: openClient(workerContract, asking),
    pid: 1,
    exited,
    disposed: () => disposed,
    die: (what = 'the engine process was ended by SIGKILL') => finish({ code: 'engine', what }),
    dispose: async () => {
      disposed = true;
      finish({ code: 'engine', what: 'the engine process was stopped' });
      await exited;
    },
  };
}

/** A run that a test writes step by step. */
export interface WrittenRun {
  readonly store: RunStore;
  readonly path: string;
  step(arm: string, step: number, of?: number): void;
  finish(metrics?: RunMetrics): Promise<void>;
}

export async function writtenRun(path: string, onEvent: (event: RunEvent) => void = () => undefined) {
  const store = await RunStore.create(path, sampleRecord, { onEvent });
  return runWith(store);
}

export function runWith(store: RunStore): WrittenRun {
  return {
    store,
    path: store.folder.path,
    step: (arm, step, of = 100) => {
      const cost = { tokens: 100, labelTokens: 50, seconds: 0.5, memoryBytes: 1e6, gradientNorm: 1 };
      store.append({ type: 'step', arm, step, of, loss: 2 / step, learningRate: 1e-4, ...cost });
    },
    finish: (metrics = sampleMetrics) => store.finish(metrics),
  };
}
