import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver';
import type { WorkProgress } from '../documents/workProgress.ts';

/** Shorter work gets no progress bar, ms. */
const patience = 400;
/** Shortest time between two reports, ms. */
const interval = 200;

/** A progress bar of the client for long work. Its cancel button calls `cancel`. */
export function workDone(connection: Connection, title: string, cancel: () => void): WorkProgress {
  const began = performance.now();
  let reporter: WorkDoneProgressServerReporter | undefined;
  let asked = false;
  let over = false;
  let last = 0;
  const open = async (): Promise<void> => {
    const given = await connection.window.createWorkDoneProgress();
    given.begin(title, 0, undefined, true);
    given.token.onCancellationRequested(cancel);
    if (over) given.done();
    else reporter = given;
  };
  return {
    report: (share) => {
      const now = performance.now();
      if (!asked && now - began > patience) {
        asked = true;
        // The work goes on even if the client shows no progress.
        open().catch(() => undefined);
      }
      if (reporter === undefined || now - last < interval) return;
      last = now;
      reporter.report(Math.round(100 * Math.min(1, share)));
    },
    done: () => {
      over = true;
      reporter?.done();
    },
  };
}
