import type { RunView } from '../../server/protocol/messages/runsContract.ts';
import type { Panel } from './startPanel.ts';

/** A run as it is now, without following it. Rejects with a RankscopeError when it cannot be read. */
export function firstView(panel: Panel, run: string): Promise<RunView> {
  const control = new AbortController();
  return new Promise((resolve, reject) => {
    panel.client
      .request(
        'run.watch',
        { run, points: 10 },
        {
          signal: control.signal,
          onEvent({ view }) {
            resolve(view);
            control.abort();
          },
        },
      )
      // After the first view the request ends as cancelled, which is too late to matter.
      .catch(reject);
  });
}
