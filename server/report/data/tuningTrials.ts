import type { TextTable } from '../../measures/textTable.ts';
import type { StoredRun } from '../../runs/readRun.ts';

/** Trials of learning rates, each with its loss on the tune pairs; the chosen rates are marked. */
export function trialTable({ events }: Pick<StoredRun, 'events'>): TextTable {
  const chosen = new Set(events.flatMap((e) => (e.type === 'tuned' ? [`${e.triedOn} ${e.learningRate}`] : [])));
  const trials = new Map(
    events.flatMap((event) => {
      if (event.type !== 'tuning-trial') return [];
      const { triedOn, learningRate, steps, loss, failure } = event;
      const mark = chosen.has(`${triedOn} ${learningRate}`) ? 'chosen' : '';
      const found = loss === undefined ? `none: ${failure ?? 'unknown'}` : loss.toFixed(4);
      const row = [triedOn, String(steps), String(learningRate), found, mark];
      return [[`${triedOn} ${steps} ${learningRate}`, row] as const];
    }),
  );
  return { header: ['tried on', 'steps', 'learning rate', 'held-out loss, nats', ''], rows: [...trials.values()] };
}
