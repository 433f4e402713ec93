import { setTimeout as wait } from 'node:timers/promises';
import type { HandlerContext } from '../../../protocol/messages/channel.ts';
import type { RunUpdate } from '../../../protocol/messages/runsContract.ts';
import type { FollowedRun } from './followedRun.ts';
import { RunUpdates } from './runUpdates.ts';

/** Shortest time between two updates, ms. A screen needs at most ten a second. */
const interval = 100;

/** Sends a watcher the whole run and then what is new, until the run has ended or the watcher cancels. */
export async function watchRun(
  run: FollowedRun,
  points: number,
  { emit, signal }: HandlerContext<RunUpdate>,
  now: () => number,
): Promise<null> {
  const updates = new RunUpdates(run, points);
  const unfollow = run.follow();
  try {
    for (;;) {
      const { changes } = run;
      await run.refresh();
      if (signal.aborted) return null;
      const update = updates.next(now());
      if (update) emit(update);
      if (run.ended) return null;
      await wait(interval);
      await run.news(changes, signal);
    }
  } finally {
    unfollow();
  }
}
