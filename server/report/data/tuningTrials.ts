import type { TextTable } from '../../measures/text/textTable.ts';
import type { RunEvent } from '../../protocol/run/run.ts';
import type { StoredRun } from '../../runs/readRun.ts';

type Trial = RunEvent & { readonly type: 'tuning-trial' };

/** Lists the trials of learning rates, each with its loss on the tune pairs and with what followed it. */
export function trialTable({ events }: Pick<StoredRun, 'events'>): TextTable {
  const chosen = new Set(events.flatMap((e) => (e.type === 'tuned' ? [rateOf(e)] : [])));
  // A resumed run may have recorded a trial twice.
  const trials = new Map(
    events.flatMap((event) => (event.type === 'tuning-trial' ? [[`${rateOf(event)} ${event.steps}`, event]] : [])),
  );
  const all = [...trials.values()];
  return {
    header: ['tried on', 'steps', 'learning rate', 'held-out loss, nats', 'what became of it'],
    rows: all.map((trial) => {
      const { triedOn, learningRate, steps, loss, failure } = trial;
      const found = loss === undefined ? `none: ${failure ?? 'unknown'}` : loss.toFixed(4);
      return [triedOn, String(steps), String(learningRate), found, fateOf(trial, all, chosen)];
    }),
  };
}

/** A rate with a longer trial was carried on to it. Of the rates without one, the one with the lowest loss was chosen. */
function fateOf(trial: Trial, all: readonly Trial[], chosen: ReadonlySet<string>): string {
  const hasLonger = all.some((other) => rateOf(other) === rateOf(trial) && other.steps > trial.steps);
  if (hasLonger) return 'tried for longer';
  return chosen.has(rateOf(trial)) ? 'chosen' : 'dropped';
}

function rateOf({ triedOn, learningRate }: Pick<Trial, 'triedOn' | 'learningRate'>): string {
  return `${triedOn} ${learningRate}`;
}
