/** The language server's view of a golden run, read from the disk like that of any run. */
import { FollowedRun } from '../../server/lsp/runs/live/followedRun.ts';
import { RunReader } from '../../server/lsp/runs/history/runReader.ts';
import { RunUpdates } from '../../server/lsp/runs/live/runUpdates.ts';
import type { RunUpdate } from '../../server/protocol/messages/runsContract.ts';

export async function firstUpdate(path: string): Promise<RunUpdate> {
  const status = () => ({ isRunning: false, hasBegun: false, death: undefined });
  const run = new FollowedRun(await RunReader.open(path), status);
  await run.refresh();
  const update = new RunUpdates(run, 100).next(0);
  if (update === undefined) throw new Error('a run that has just been read has news');
  return update;
}
