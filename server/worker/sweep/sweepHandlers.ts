/** The requests that start, resume and control sweeps. */
import { resolve } from 'node:path';
import type { EventOf, HandlerContext, Handlers } from '../../protocol/messages/channel.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { RunMetrics } from '../../protocol/run/run.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import type { EngineHost } from '../host/engineHost.ts';
import { resumeSweep, startSweep, type RunningSweep } from './startSweep.ts';
import { SweepControl } from './sweepControl.ts';

type SweepMethod = Exclude<
  Extract<keyof WorkerContract, `sweep.${string}`>,
  'sweep.estimate' | 'sweep.check' | 'sweep.survey'
>;
type SweepContext = HandlerContext<EventOf<WorkerContract, 'sweep.start'>>;

export interface SweepHandlers {
  readonly handlers: Pick<Handlers<WorkerContract>, SweepMethod>;
  /** Resolves when no run is being written any more. */
  settled(): Promise<void>;
}

/** Handles the requests. A run is identified by the path of its folder. */
export function createSweepHandlers(host: EngineHost): SweepHandlers {
  const sweeps = new RunningSweeps(host);
  const act = (run: string, action: (control: SweepControl) => void): Promise<null> => {
    return new Promise((done) => {
      action(sweeps.control(run));
      done(null);
    });
  };
  return {
    settled: () => sweeps.settled(),
    handlers: {
      'sweep.start': ({ file, run, device }, context) =>
        sweeps.run(run, context, (sweep) => startSweep(file, run, { ...sweep, device })),
      'sweep.resume': ({ run }, context) => sweeps.run(run, context, (sweep) => resumeSweep(run, sweep)),
      'sweep.pause': ({ run }) => act(run, (control) => control.pause()),
      'sweep.resumeTraining': ({ run }) => act(run, (control) => control.resumeTraining()),
      'sweep.stopArm': ({ run, arm }) => act(run, (control) => control.stopArm(arm)),
      'sweep.cancel': ({ run }) => act(run, (control) => control.cancel(cancelledError())),
    },
  };
}

class RunningSweeps {
  readonly #host: EngineHost;
  readonly #controls = new Map<string, SweepControl>();
  readonly #ends = new Set<Promise<unknown>>();

  constructor(host: EngineHost) {
    this.#host = host;
  }

  control(run: string): SweepControl {
    const control = this.#controls.get(resolve(run));
    if (control) return control;
    throw new RankscopeError({
      code: 'run',
      what: 'no such run is going on in this process',
      where: run,
      remedy: 'Only a run that is going on can be paused, stopped or cancelled.',
    });
  }

  async run(
    run: string,
    context: SweepContext,
    work: (sweep: RunningSweep) => Promise<RunMetrics>,
  ): Promise<RunMetrics> {
    const path = resolve(run);
    if (this.#controls.has(path)) throw alreadyGoing(run);
    const control = new SweepControl();
    const signal = AbortSignal.any([context.signal, control.signal]);
    this.#controls.set(path, control);
    const end = work({ host: this.#host, control, onEvent: context.emit, signal });
    this.#ends.add(end);
    try {
      return await end;
    } finally {
      this.#ends.delete(end);
      this.#controls.delete(path);
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#ends);
  }
}

function alreadyGoing(run: string): RankscopeError {
  return new RankscopeError({
    code: 'run',
    what: 'the run is going on already',
    where: run,
    remedy: 'Wait for its end.',
  });
}

function cancelledError(): RankscopeError {
  return new RankscopeError({ code: 'cancelled', what: 'the run was cancelled', remedy: 'It can be resumed.' });
}
