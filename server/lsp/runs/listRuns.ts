import type { RunSummary } from '../../protocol/runsContract.ts';
import { errorDetails } from '../../protocol/errors.ts';
import type { FollowedRuns } from './followedRuns.ts';
import { findRuns } from './findRuns.ts';
import { viewOf } from './runUpdates.ts';

export interface ListPorts {
  readonly runs: FollowedRuns;
  readonly log: (what: string) => void;
  readonly now: () => number;
}

/** The runs under folders, newest first. One that is damaged is left out, and told in the log. */
export async function listRuns(folders: readonly string[], { runs, log, now }: ListPorts): Promise<RunSummary[]> {
  const summaries: RunSummary[] = [];
  for (const path of await findRuns(folders)) {
    try {
      summaries.push(await summaryOf(path, runs, now()));
    } catch (error) {
      const { what, where } = errorDetails(error);
      log(`${where ?? path}: ${what}`);
    }
  }
  return summaries.sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
}

async function summaryOf(path: string, runs: FollowedRuns, now: number): Promise<RunSummary> {
  const { run, name, state, created, experiment, model, arms } = viewOf(await runs.open(path), now);
  return {
    run,
    name,
    state,
    created,
    experiment,
    model,
    arms: arms.map(({ description, state: armState }) => ({ id: description.id, state: armState })),
  };
}
