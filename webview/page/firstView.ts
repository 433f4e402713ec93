import type { RunView } from '../../server/protocol/messages/runsContract.ts';
import type { Panel } from './startPanel.ts';

/** The current view of a run, without following it. Rejects with a RankscopeError where it cannot be read. */
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
      // After the first view this promise is settled, so that the rejection of the cancelled request has no effect.
      .catch(reject);
  });
}
