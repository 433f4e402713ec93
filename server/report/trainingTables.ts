/** Tables of what happened while the arms were trained: losses, distances from the base, rounds. */
import type { RoundResult } from '../protocol/run.ts';
import { decimal, intervalText, notMeasured, percent, type TextTable } from './tables/armTable.ts';
import { evenly } from './data/evenly.ts';
import type { LossCurve, ProbeCurve } from './data/reportData.ts';

/** Rows of a table over steps. */
const shownSteps = 10;

/** Losses of every arm at steps spread over its training. */
export function lossTable(losses: readonly LossCurve[]): TextTable {
  const curves = losses.map(({ arm, points }) => ({ arm, at: new Map(points.map(({ step, loss }) => [step, loss])) }));
  return stepTable(curves, 'no such step');
}

/** KL from the base of every arm at the steps it was probed at. */
export function probeTable(probes: readonly ProbeCurve[]): TextTable {
  const curves = probes.map(({ arm, points }) => ({ arm, at: new Map(points.map(({ step, kl }) => [step, kl])) }));
  return stepTable(curves, notMeasured);
}

function stepTable(
  curves: readonly { readonly arm: string; readonly at: ReadonlyMap<number, number> }[],
  absent: string,
): TextTable {
  const steps = [...new Set(curves.flatMap(({ at }) => [...at.keys()]))].sort((a, b) => a - b);
  const cell = (value: number | undefined): string => (value === undefined ? absent : decimal(value));
  return {
    header: ['step', ...curves.map(({ arm }) => arm)],
    rows: evenly(steps, shownSteps).map((step) => [String(step), ...curves.map(({ at }) => cell(at.get(step)))]),
  };
}

/** What each round of mitigation made of each arm. */
export function roundTable(rounds: readonly RoundResult[]): TextTable {
  return {
    header: ['round', 'arm', 'pairs', 'steps', 'toxic', '95 % interval', 'KL from base, nats'],
    rows: rounds.map(({ round, arm, pairs, steps, toxicity, kl, failure }) => [
      ...[String(round), arm, String(pairs), String(steps)],
      ...(failure === undefined
        ? [percent(toxicity.rate), intervalText(toxicity)]
        : [`failed: ${failure}`, notMeasured]),
      decimal(kl?.mean),
    ]),
  };
}
