import { basename, dirname, extname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EngineProcess } from '../../../launch/localProcess.ts';
import type { RequestOptions } from '../../../protocol/messages/channel.ts';
import { errorDetails, RankscopeError, type ErrorDetails } from '../../../protocol/errors.ts';
import type { RunEvent, RunMetrics } from '../../../protocol/run/run.ts';
import type { DeviceSetting } from '../../../protocol/devices/deviceChoice.ts';
import { assertVacant } from '../../../runs/runStore.ts';
import { type RunOwnership, takeOwnership, waitUntilFree } from './runOwnership.ts';
import type { StartedHere } from './startedHere.ts';
import { freshRunFolder } from '../../../runs/runName.ts';

/** What this server knows about a run that it has started, beyond the contents of the run's folder. */
export interface SweepStatus {
  /** Whether its engine process runs. */
  readonly isRunning: boolean;
  /** Whether it has sent an event since it was started. */
  readonly hasBegun: boolean;
  /** How its engine process died, where that happened before the run ended. */
  readonly death: ErrorDetails | undefined;
}

export interface RunningSweepsPorts {
  readonly launch: () => EngineProcess;
  readonly log: (what: string) => void;
  readonly here: StartedHere;
  /** Reports a change of a run, named by its folder, so that followers of the run read it again. */
  readonly news: (run: string, event?: RunEvent) => void;
  readonly now: () => number;
}

export interface StartedSweep {
  readonly file: string;
  /** The run's folder. The default is a new folder beside the file. */
  readonly out?: string | undefined;
  /** The device for a file that leaves it open. */
  readonly device: DeviceSetting;
}

interface RunningSweep {
  readonly engine: EngineProcess;
  readonly cancellation: AbortController;
  hasBegun: boolean;
  /** Set once the run's folder exists. Resolves with undefined where the mark cannot be written. */
  mark: Promise<RunOwnership | undefined> | undefined;
  /** Resolves when the run has ended in any way. Never rejects. */
  readonly ended: Promise<void>;
}

/** How long the server waits for its engines to end, ms. An engine writes its checkpoint even after the server has gone. */
const farewell = 4000;
/** How long a cancelled run may take to end, ms. After that its engine process is ended, even during a long call. */
const patience = 20_000;

/** The sweeps that this server runs, each in an engine process of its own, by the folder of the run. */
export class RunningSweeps {
  readonly #ports: RunningSweepsPorts;
  readonly #running = new Map<string, RunningSweep>();
  readonly #deaths = new Map<string, ErrorDetails>();
  #isOver = false;

  constructor(ports: RunningSweepsPorts) {
    this.#ports = ports;
  }

  status(run: string): SweepStatus {
    const path = resolve(run);
    const running = this.#running.get(path);
    return { isRunning: running !== undefined, hasBegun: running?.hasBegun ?? false, death: this.#deaths.get(path) };
  }

  /** Folders of the running sweeps. */
  all(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Resolves with the run's folder once it exists. Aborting `signal` before that cancels the run. */
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

  /** Resolves once the run is training again. */
  async resume(run: string, signal: AbortSignal): Promise<void> {
    const path = resolve(run);
    if (!this.#running.has(path)) await waitUntilFree(path, signal);
    await this.#run(path, signal, (engine, options) => engine.client.request('sweep.resume', { run: path }, options));
  }

  /** Pauses a run. It then waits for a person, and no server resumes it automatically. */
  async pause(run: string): Promise<void> {
    const running = this.#need(run);
    await running.engine.client.request('sweep.pause', { run: resolve(run) });
    await giveUp(running);
  }

  async continue(run: string): Promise<void> {
    const running = this.#need(run);
    await running.engine.client.request('sweep.resumeTraining', { run: resolve(run) });
    this.#mark(resolve(run), running);
  }

  async stopArm(run: string, arm: string): Promise<void> {
    await this.#need(run).engine.client.request('sweep.stopArm', { run: resolve(run), arm });
  }

  /** Resolves when the run has ended, by itself or with its process. */
  async cancel(run: string): Promise<void> {
    const running = this.#need(run);
    const { cancellation, ended, engine } = running;
    await giveUp(running);
    cancellation.abort();
    const over = await Promise.race([ended.then(() => true), wait(patience, false, { ref: false })]);
    if (!over) await engine.dispose();
    await ended;
  }

  /**
   * Ends all runs. Their marks stay for the next server. Their engines write a checkpoint and record that the runs
   * were cancelled, even after this process has gone.
   */
  async dispose(): Promise<void> {
    this.#isOver = true;
    const all = [...this.#running.values()];
    const ended = all.map(async ({ engine, mark, ended: end }) => {
      (await mark)?.handOver();
      await engine.dispose();
      await end;
    });
    await Promise.race([Promise.all(ended), wait(farewell, undefined, { ref: false })]);
  }

  #need(run: string): RunningSweep {
    const running = this.#running.get(resolve(run));
    if (running !== undefined) return running;
    throw new RankscopeError({
      code: 'run',
      what: 'This editor does not run this sweep.',
      where: run,
      remedy: 'Pause or stop a run where it was started. Resume one that has ended.',
    });
  }

  async #run(
    run: string,
    signal: AbortSignal,
    ask: (engine: EngineProcess, options: RequestOptions<RunEvent>) => Promise<RunMetrics>,
  ): Promise<void> {
    if (this.#running.has(run)) throw alreadyRunning(run);
    this.#deaths.delete(run);
    const cancellation = new AbortController();
    const engine = this.#ports.launch();
    let begin: () => void = () => undefined;
    const began = new Promise<void>((done) => (begin = done));
    const onEvent = (event: RunEvent): void => {
      running.hasBegun = true;
      if (event.type === 'started') this.#mark(run, running);
      begin();
      this.#ports.news(run, event);
    };
    const asked = ask(engine, { onEvent, signal: cancellation.signal });
    const ended = this.#end(run, engine, asked);
    const running: RunningSweep = { engine, cancellation, hasBegun: false, mark: undefined, ended };
    this.#running.set(run, running);
    const abort = () => cancellation.abort();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      await Promise.race([began, asked]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #mark(run: string, running: RunningSweep): void {
    const { log, here } = this.#ports;
    running.mark = takeOwnership(run, here).catch((error: unknown) => {
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
    const running = this.#running.get(run);
    if (running && (isFinished || !this.#isOver)) await giveUp(running);
    this.#running.delete(run);
    this.#ports.news(run);
  }
}

async function giveUp(running: RunningSweep): Promise<void> {
  const mark = await running.mark;
  running.mark = undefined;
  // If a mark cannot be removed, a later server may resume the run although nobody asked for it. No result is lost.
  await mark?.giveUp().catch(() => undefined);
}

function alreadyRunning(run: string): RankscopeError {
  return new RankscopeError({ code: 'run', what: 'The run is running already.', where: run, remedy: 'Watch it.' });
}
