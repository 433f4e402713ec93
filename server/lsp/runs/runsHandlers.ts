import { mkdir, rm } from 'node:fs/promises';
import type { Handlers } from '../../protocol/channel.ts';
import type { RunsContract } from '../../protocol/runsContract.ts';
import { onDisk } from '../../runs/diskError.ts';
import { exportArm, trainedWeights } from '../../runs/exportArm.ts';
import { readRecord } from '../../runs/readRun.ts';
import { runFolder } from '../../runs/runFolder.ts';
import { assertVacant } from '../../runs/runStore.ts';
import { compareArms } from './compareArms.ts';
import { CompletionPages } from './completionPages.ts';
import { densities } from './densities.ts';
import { exportRun } from './exportRun.ts';
import type { FollowedRuns } from './followedRuns.ts';
import { listRuns } from './listRuns.ts';
import type { PromptEngine } from './promptEngine.ts';
import type { RunningSweeps } from './runningSweeps.ts';
import { promptArms, tryPrompt, type TryPromptPorts } from './tryPrompt.ts';
import { watchRun } from './watchRun.ts';

export interface RunsPorts extends TryPromptPorts {
  readonly sweeps: RunningSweeps;
  readonly runs: FollowedRuns;
  readonly log: (what: string) => void;
  readonly now: () => number;
}

type Some<Method extends keyof RunsContract> = Pick<Handlers<RunsContract>, Method>;

/** Starting runs, acting on them and watching them. */
export function runHandlers({
  sweeps,
  runs,
  log,
  now,
}: RunsPorts): Some<
  'runs.list' | 'run.start' | 'run.resume' | 'run.pause' | 'run.continue' | 'run.stopArm' | 'run.cancel' | 'run.watch'
> {
  const changed = async (run: string, change?: (history: Awaited<ReturnType<FollowedRuns['open']>>) => void) => {
    const followed = await runs.open(run);
    change?.(followed);
    followed.changed();
    return null;
  };
  return {
    'runs.list': ({ folders }) => listRuns(folders, { runs, log, now }),
    'run.start': async ({ file, out }, { signal }) => ({ run: await sweeps.start(file, out, signal) }),
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

/** What a run has found. */
export function resultHandlers({
  engine,
}: RunsPorts): Some<'run.completions' | 'run.densities' | 'compare' | 'run.export'> {
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
    compare: ({ arms, baseline }) => compareArms(arms, baseline, pages),
    'run.export': (request, { signal }) => exportRun(request, (...merged) => exportMerged(engine, merged, signal)),
  };
}

/** Full fine-tuning has whole weights already; an adapter is worked into the base's by the engine. */
async function exportMerged(
  engine: PromptEngine,
  [run, arm, to]: readonly [run: string, arm: string, to: string],
  signal: AbortSignal,
): Promise<void> {
  const folder = runFolder(run);
  const { arms, sweep } = await readRecord(folder);
  await trainedWeights(folder, arm);
  if (arms.find(({ id }) => id === arm)?.method === 'full') {
    await exportArm(folder, arm, to);
    return;
  }
  await assertVacant(to);
  await onDisk(to, () => mkdir(to, { recursive: true }));
  try {
    const params = { model: sweep.model, adapter: folder.arm(arm), to };
    await engine.use((client) => client.request('export.merged', params, { signal }));
  } catch (error) {
    // Half a model is worse than none.
    await rm(to, { recursive: true, force: true });
    throw error;
  }
}

/** What is asked of models between sweeps. */
export function modelHandlers(
  ports: RunsPorts,
): Some<'tryPrompt' | 'lens' | 'models.list' | 'models.describe' | 'devices'> {
  const { engine } = ports;
  return {
    tryPrompt: (params, context) => tryPrompt(params, context, ports),
    lens: async ({ run, arms, prompt }, { signal }) => {
      const { record, base, adapters } = await promptArms(run, arms);
      const { device, threads, model } = record.sweep;
      const params = { model, base, adapters: [...adapters], prompt, device, threads };
      return engine.use((client) => client.request('lens', params, { signal }));
    },
    'models.list': (_, { signal }) => engine.use((client) => client.request('models.list', null, { signal })),
    'models.describe': (params, { signal }) =>
      engine.use((client) => client.request('models.describe', params, { signal })),
    devices: (_, { signal }) => engine.use((client) => client.request('devices', null, { signal })),
  };
}
