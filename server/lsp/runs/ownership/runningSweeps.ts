import { basename, dirname, extname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EngineProcess } from '../../../launch/localProcess.ts';
import type { RequestOptions } from '../../../protocol/channel.ts';
import { errorDetails, RankscopeError, type ErrorDetails } from '../../../protocol/errors.ts';
import type { RunEvent, RunMetrics } from '../../../protocol/run.ts';
import type { DeviceSetting } from '../../../protocol/deviceChoice.ts';
import { assertVacant } from '../../../runs/runStore.ts';
import { type RunOwnership, takeOwnership, waitUntilFree } from './runOwnership.ts';
import type { StartedHere } from './startedHere.ts';
import { freshRunFolder } from '../../../runs/runName.ts';

/** What this server knows of a run that it has started, beyond what its folder tells. */
export interface SweepStatus {
  /** Its engine process runs. */
  readonly going: boolean;
  /** It has given a sign since it was started. */
  readonly began: boolean;
  /** Why its engine process ended before the run did, where it did. */
  readonly death: ErrorDetails | undefined;
}

export interface RunningSweepsPorts {
  readonly launch: () => EngineProcess;
  readonly log: (what: string) => void;
  readonly here: StartedHere;
  /** Something happened to a run whose folder is named: whoever follows it looks again. */
  readonly news: (run: string, event?: RunEvent) => void;
  readonly now: () => number;
}

export interface StartedSweep {
  readonly file: string;
  /** The run's folder; a new one beside the file unless given. */
  readonly out?: string | undefined;
  /** Where the file leaves it open. */
  readonly device: DeviceSetting;
}

interface Going {
  readonly engine: EngineProcess;
  readonly cancellation: AbortController;
  began: boolean;
  /** There from the moment that the run's folder is; undefined where it cannot be written. */
  mark: Promise<RunOwnership | undefined> | undefined;
  /** Resolves when the run has ended, however; never rejects. */
  readonly ended: Promise<void>;
}

/** How long the server stays to see its engines end, ms; they write their checkpoints whether it does or not. */
const farewell = 4000;
/** A run that is to end and does not, since its engine is in a long call, is ended with its process after this, ms. */
const patience = 20_000;

/** The sweeps that this server runs, each in an engine process of its own, by the folder of the run. */
export class RunningSweeps {
  readonly #ports: RunningSweepsPorts;
  readonly #going = new Map<string, Going>();
  readonly #deaths = new Map<string, ErrorDetails>();
  #isOver = false;

  constructor(ports: RunningSweepsPorts) {
    this.#ports = ports;
  }

  status(run: string): SweepStatus {
    const path = resolve(run);
    const going = this.#going.get(path);
    return { going: going !== undefined, began: going?.began ?? false, death: this.#deaths.get(path) };
  }

  /** Folders of the runs that go on. */
  all(): readonly string[] {
    return [...this.#going.keys()];
  }

  /** Resolves with the run's folder once it is there. Aborting `signal` before that gives the run up. */
  async start({ file, out, device }: StartedSweep, signal: AbortSignal): Promise<string> {
    const path = resolve(file);
    const name = basename(path, extname(path)).replace(/\.sweep$/i, '');
    const run = resolve(out ?? (await freshRunFolder(join(dirname(path), 'runs'), name, new Date(this.#ports.now()))));
    await assertVacant(run);
    await this.#run(run, signal, (engine, options) =>
      engine.client.request('sweep.start', { file: path, run, device }, options),
    );
    return run;
  }

  /** Resolves once the run goes on. */
  async resume(run: string, signal: AbortSignal): Promise<void> {
    const path = resolve(run);
    if (!this.#going.has(path)) await waitUntilFree(path, signal);
    await this.#run(path, signal, (engine, options) => engine.client.request('sweep.resume', { run: path }, options));
  }

  /** A paused run waits for a person: no server goes on with it by itself. */
  async pause(run: string): Promise<void> {
    const going = this.#need(run);
    await going.engine.client.request('sweep.pause', { run: resolve(run) });
    await takeAway(going);
  }

  async continue(run: string): Promise<void> {
    const going = this.#need(run);
    await going.engine.client.request('sweep.resumeTraining', { run: resolve(run) });
    this.#mark(resolve(run), going);
  }

  async stopArm(run: string, arm: string): Promise<void> {
    await this.#need(run).engine.client.request('sweep.stopArm', { run: resolve(run), arm });
  }

  /** Resolves when the run has ended: by its own word, or with its process. */
  async cancel(run: string): Promise<void> {
    const going = this.#need(run);
    const { cancellation, ended, engine } = going;
    await takeAway(going);
    cancellation.abort();
    const over = await Promise.race([ended.then(() => true), wait(patience, false, { ref: false })]);
    if (!over) await engine.dispose();
    await ended;
  }

  /**
   * Ends all runs. Their marks stay, for the next server; their engines write a checkpoint and that they were cancelled, even
   * after this process has gone.
   */
  async dispose(): Promise<void> {
    this.#isOver = true;
    const all = [...this.#going.values()];
    const ended = all.map(async ({ engine, mark, ended: end }) => {
      (await mark)?.leave();
      await engine.dispose();
      await end;
    });
    await Promise.race([Promise.all(ended), wait(farewell, undefined, { ref: false })]);
  }

  #need(run: string): Going {
    const going = this.#going.get(resolve(run));
    if (going !== undefined) return going;
    throw new RankscopeError({
      code: 'run',
      what: 'The run does not go on in this editor.',
      where: run,
      remedy: 'A run that was started elsewhere is paused and stopped there; one that has ended can be resumed.',
    });
  }

  async #run(
    run: string,
    signal: AbortSignal,
    ask: (engine: EngineProcess, options: RequestOptions<RunEvent>) => Promise<RunMetrics>,
  ): Promise<void> {
    if (this.#going.has(run)) throw alreadyGoing(run);
    this.#deaths.delete(run);
    const cancellation = new AbortController();
    const engine = this.#ports.launch();
    let begin: () => void = () => undefined;
    const began = new Promise<void>((done) => (begin = done));
    const onEvent = (event: RunEvent): void => {
      going.began = true;
      if (event.type === 'started') this.#mark(run, going);
      begin();
      this.#ports.news(run, event);
    };
    const asked = ask(engine, { onEvent, signal: cancellation.signal });
    const ended = this.#end(run, engine, asked);
    const going: Going = { engine, cancellation, began: false, mark: undefined, ended };
    this.#going.set(run, going);
    const giveUp = () => cancellation.abort();
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      await Promise.race([began, asked]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #mark(run: string, going: Going): void {
    const { log, here } = this.#ports;
    going.mark = takeOwnership(run, here).catch((error: unknown) => {
      log(`${run}: ${errorDetails(error).what}`);
      return undefined;
    });
  }

  async #end(run: string, engine: EngineProcess, asked: Promise<RunMetrics>): Promise<void> {
    let isFinished = true;
    try {
      await asked;
    } catch (error) {
      isFinished = false;
      const details = errorDetails(error);
      if (details.code === 'engine') this.#deaths.set(run, details);
    }
    await engine.dispose().catch(() => undefined);
    const going = this.#going.get(run);
    if (going && (isFinished || !this.#isOver)) await takeAway(going);
    this.#going.delete(run);
    this.#ports.news(run);
  }
}

async function takeAway(going: Going): Promise<void> {
  const mark = await going.mark;
  going.mark = undefined;
  // A mark that cannot be removed costs a resume that nobody asked for, and no result.
  await mark?.takeAway().catch(() => undefined);
}

function alreadyGoing(run: string): RankscopeError {
  return new RankscopeError({ code: 'run', what: 'The run goes on already.', where: run, remedy: 'Watch it.' });
}
