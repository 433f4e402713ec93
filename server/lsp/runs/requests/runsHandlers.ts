import type { EngineProcess } from '../../../launch/localProcess.ts';
import type { EventOf, Handlers, Result } from '../../../protocol/messages/channel.ts';
import { errorDetails, RankscopeError } from '../../../protocol/errors.ts';
import { storedFraming } from '../../../protocol/sweep/chatFraming.ts';
import type { RunsContract } from '../../../protocol/messages/runsContract.ts';
import type { DeviceSetting } from '../../../protocol/devices/deviceChoice.ts';
import { readPlan } from '../../../verdict/words/planWords.ts';
import { learningOf } from '../../../report/data/learningCurves.ts';
import { readRecord, readRun } from '../../../runs/readRun.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import { compareArms } from '../results/compareArms.ts';
import { CompletionPages } from '../results/completionPages.ts';
import { densities } from '../results/densities.ts';
import { exportMerged } from '../../../runs/exports/exportMerged.ts';
import { exportRun } from '../results/exportRun.ts';
import { describeLabels } from './describeLabels.ts';
import { orphanedRuns } from '../ownership/runOwnership.ts';
import type { FollowedRuns } from '../live/followedRuns.ts';
import { RunList } from '../live/runList.ts';
import type { RunningSweeps } from '../ownership/runningSweeps.ts';
import type { StartedHere } from '../ownership/startedHere.ts';
import { promptArms, tryPrompt, usualDevice, type TryPromptPorts } from './tryPrompt.ts';
import { watchRun } from '../live/watchRun.ts';

export interface RunsPorts extends TryPromptPorts {
  /** Starts an engine process. */
  readonly launch: () => EngineProcess;
  readonly sweeps: RunningSweeps;
  readonly runs: FollowedRuns;
  /** Notes of the runs that this installation has started. */
  readonly here: StartedHere;
  readonly log: (what: string) => void;
  readonly now: () => number;
}

type Some<Method extends keyof RunsContract> = Pick<Handlers<RunsContract>, Method>;

/** Requests that start, control and watch runs. */
export function runHandlers({
  sweeps,
  runs,
  here,
  log,
  now,
  device,
}: RunsPorts): Some<
  | 'runs.list'
  | 'runs.orphaned'
  | 'run.start'
  | 'run.resume'
  | 'run.pause'
  | 'run.continue'
  | 'run.stopArm'
  | 'run.cancel'
  | 'run.watch'
> {
  const list = new RunList({ runs, log, now, isRunning: (run) => sweeps.status(run).isRunning });
  const changed = async (run: string, change?: (history: Awaited<ReturnType<FollowedRuns['open']>>) => void) => {
    const followed = await runs.open(run);
    change?.(followed);
    followed.changed();
    return null;
  };
  return {
    'runs.list': ({ folders }) => list.under(folders),
    'runs.orphaned': ({ folders }) =>
      orphanedRuns(folders, { log, here, isRunning: (run) => sweeps.status(run).isRunning }),
    'run.start': async ({ file, out }, { signal }) => ({
      run: await sweeps.start({ file, out, device: device() }, signal),
    }),
    'run.resume': async ({ run }, { signal }) => {
      await sweeps.resume(run, signal);
      return changed(run);
    },
    'run.pause': async ({ run }) => {
      await sweeps.pause(run);
      return null;
    },
    'run.continue': async ({ run }) => {
      await sweeps.continue(run);
      return changed(run, ({ reader }) => reader.history.continued());
    },
    'run.stopArm': async ({ run, arm }) => {
      await sweeps.stopArm(run, arm);
      return changed(run, ({ reader }) => reader.history.stopped(arm));
    },
    'run.cancel': async ({ run }) => {
      await sweeps.cancel(run);
      return null;
    },
    'run.watch': async ({ run, points }, context) => watchRun(await runs.open(run), points, context, now),
  };
}

/** Requests for the results of a run. */
export function resultHandlers({
  engine,
}: RunsPorts): Some<'run.completions' | 'run.densities' | 'run.learning' | 'compare' | 'run.export'> {
  const pages = new CompletionPages();
  return {
    'run.completions': async (request) => {
      await readRecord(runFolder(request.run));
      return pages.page(request);
    },
    'run.densities': async ({ run }) => {
      const { arms } = await readRecord(runFolder(run));
      return densities(
        run,
        arms.map(({ id }) => id),
      );
    },
    'run.learning': async ({ run }) => learningOf(await readRun(run)),
    compare: ({ arms, baseline }) => compareArms(arms, baseline, pages),
    'run.export': (request, { signal }) =>
      exportRun(request, (run, arm, to) =>
        exportMerged(run, arm, to, (params) =>
          engine.use((client) => client.request('export.merged', params, { signal })),
        ),
      ),
  };
}

/** Requests that estimate the cost of a sweep and the chance that it will give an answer. */
export function estimateHandlers({ launch, device }: Pick<RunsPorts, 'launch' | 'device'>): Some<'estimate' | 'plan'> {
  return {
    estimate: async ({ file }, { emit, signal }) => {
      const engine = launch();
      try {
        return await estimated(engine, { file, device: device() }, emit, signal);
      } finally {
        await engine.dispose();
      }
    },
    plan: async ({ file }, { emit, signal }) => {
      const engine = launch();
      try {
        const asked = engine.client.request('sweep.survey', { file, device: device() }, { onEvent: emit, signal });
        const { answer, lines, canAnswer } = readPlan(await unlessLeft(asked, signal, 'The plan was cancelled.'));
        return { answer, lines: [...lines], canAnswer };
      } finally {
        await engine.dispose();
      }
    },
  };
}

/**
 * Runs the estimate in an engine process of its own, because the process's peak memory is measured and cancelling
 * ends the process during a call.
 */
async function estimated(
  engine: EngineProcess,
  asked: { readonly file: string; readonly device: DeviceSetting },
  emit: (progress: EventOf<RunsContract, 'estimate'>) => void,
  signal: AbortSignal,
): Promise<Result<RunsContract, 'estimate'>> {
  try {
    const measured = engine.client.request('sweep.estimate', asked, { onEvent: emit, signal });
    return await unlessLeft(measured, signal, 'The estimate was cancelled.');
  } catch (error) {
    throw asMemory(error, asked.file);
  }
}

/**
 * Resolves with the answer of an engine process. On cancellation rejects at once with RankscopeError('cancelled');
 * the caller then ends the process.
 */
async function unlessLeft<T>(answer: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  let leave: () => void = () => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new RankscopeError({ code: 'cancelled', what }));
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([answer, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** An engine that is killed during the estimate has most likely asked for more memory than there is. */
function asMemory(error: unknown, file: string): unknown {
  const { code, what } = errorDetails(error);
  if (code !== 'engine' || !what.includes('SIGKILL')) return error;
  return new RankscopeError(
    {
      code: 'memory',
      what: `The rehearsal of the sweep was killed by the system, most likely for want of memory: ${what}`,
      where: file,
      remedy: 'Leave full fine-tuning out, make batches smaller, or choose a smaller model.',
    },
    { cause: error },
  );
}

/** Requests about models between sweeps. */
export function modelHandlers(
  ports: RunsPorts,
): Some<'tryPrompt' | 'lens' | 'models.list' | 'models.describe' | 'devices' | 'sweep.check' | 'labels.describe'> {
  const { engine } = ports;
  return {
    tryPrompt: (params, context) => tryPrompt(params, context, ports),
    lens: async ({ run, arms, prompt }, { signal }) => {
      const { record, base, adapters } = await promptArms(run, arms);
      const { threads, model } = record.sweep;
      const chat = storedFraming(record.sweep);
      const where = { device: usualDevice(record, ports), threads };
      const params = { model, base, adapters: [...adapters], prompt, ...(chat && { chat }), ...where };
      return engine.use((client) => client.request('lens', params, { signal }));
    },
    'models.list': (_, { signal }) => engine.use((client) => client.request('models.list', null, { signal })),
    'models.describe': (params, { signal }) =>
      engine.use((client) => client.request('models.describe', params, { signal })),
    'sweep.check': (params, { signal }) => engine.use((client) => client.request('sweep.check', params, { signal })),
    'labels.describe': ({ path }) => describeLabels(path),
    devices: (_, { signal }) => engine.use((client) => client.request('devices', null, { signal })),
  };
}
