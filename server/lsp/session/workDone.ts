import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver';
import type { WorkProgress } from '../documents/workProgress.ts';

/** Work that takes less than this is not worth a word, ms. */
const patience = 400;
/** Least time between two reports, ms. */
const interval = 200;

/** A progress bar of the client, for work that lasts. Its cancel button calls `cancel`. */
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
        // A client that shows no progress is no reason to stop the work.
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
