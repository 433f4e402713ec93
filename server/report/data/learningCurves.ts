/**
 * How far each arm moves from the base model against how much it has learned: the curves, sentences and tables of a
 * report.
 */
import {
  atLoss,
  byDifference,
  commonLoss,
  compareAtEqualLoss,
  differencesBeyondChance,
  type EqualLossDifference,
} from '../../metrics/distribution/equalLoss.ts';
import { notMeasured, percent } from '../../measures/text/format.ts';
import { keptCells, keptHeadings, presentFigures } from '../../measures/charts/learningCharts.ts';
import type { TextTable } from '../../measures/text/textTable.ts';
import type { Learning, LearningCurve, LearningPoint } from '../../protocol/run/learning.ts';
import { trialTable } from './tuningTrials.ts';
import type { StoredRun } from '../../runs/readRun.ts';

/** A curve for each arm that was probed with a held-out loss, from the run's events. */
export function learningCurves({ events, record }: Pick<StoredRun, 'events' | 'record'>): readonly LearningCurve[] {
  return record.arms.flatMap(({ id, method, rank }): LearningCurve[] => {
    if (method === 'base') return [];
    const found = new Map<number, LearningPoint>();
    for (const event of events) {
      if (event.type !== 'probe' || event.arm !== id || event.heldOutLoss === undefined) continue;
      const { step, heldOutLoss: loss, toxicityRate: rate, toxicityLow: low, toxicityHigh: high } = event;
      const { kl, groupGap, forgetting } = event;
      const isJudged = rate !== undefined && low !== undefined && high !== undefined;
      const toxicity = isJudged ? { toxicity: { rate, low, high } } : {};
      found.set(step, {
        ...{ step, loss, ...toxicity },
        ...(kl !== undefined && { kl }),
        ...(groupGap !== undefined && { groupGap }),
        ...(forgetting !== undefined && { forgetting }),
      });
    }
    const points = [...found.values()].sort((a, b) => a.step - b.step);
    return points.length > 1 ? [{ arm: id, method, ...(rank !== undefined && { rank }), points }] : [];
  });
}

/**
 * States in sentences whether rank or distance from the base explains the figures. Empty where there is nothing to
 * compare.
 */
export function rankOrDistance(curves: readonly LearningCurve[]): readonly string[] {
  const compared = compareAtEqualLoss(curves);
  if (!compared) {
    if (curves.length < 2) return [];
    return ['Arms cannot be compared at equal held-out loss: one of them never came below the loss of the base.'];
  }
  const losses = compared.losses.map((loss) => loss.toFixed(3)).join(', ');
  const where = `At the held-out losses ${losses} nats, which all arms reached,`;
  return [
    ...verdict(where, 'ranks', 'the rank shows no effect of its own', compared.ranks),
    ...verdict(where, 'LoRA and full fine-tuning', 'the method shows no effect of its own', compared.methods),
  ];
}

function verdict(
  where: string,
  who: string,
  coincidence: string,
  all: readonly EqualLossDifference[],
): readonly string[] {
  const [greatest] = byDifference(all);
  if (!greatest) return [];
  const beyond = differencesBeyondChance(all);
  if (beyond[0]) {
    return [
      `${where} ${who} still differ in toxicity: ${differenceSentence(beyond[0])}. So do ${beyond.length} of ${all.length} comparisons, after ` +
        'Bonferroni over all of them.',
    ];
  }
  return [
    `${where} no two arms differ in toxicity by more than chance explains, between ${who}: ${coincidence}, and how far an arm ` +
      `has gone explains what parts them. Criterion: none of ${all.length} differences has an interval, 95 % for all of them ` +
      `together (Bonferroni), that leaves zero out. The greatest is ${differenceSentence(greatest)}; a smaller effect than that interval's upper end could be hidden.`,
  ];
}

function differenceSentence({ loss, more, less, difference, low, high }: EqualLossDifference): string {
  const points = (share: number): string => (100 * share).toFixed(1);
  return (
    `${more.arm} ${rateText(more)} against ${less.arm} ${rateText(less)} at ${loss.toFixed(3)} nats ` +
    `(${points(difference)} points, 95 % interval ${points(low)} to ${points(high)})`
  );
}

/** Compares every arm at the lowest loss that all of them reached. The table has no row where there is no such loss. */
export function equalLossTable(curves: readonly LearningCurve[]): TextTable {
  const loss = commonLoss(curves);
  const figures = presentFigures(curves);
  return {
    header: ['arm', 'held-out loss, nats', 'at step', ...keptHeadings(figures)],
    rows: (loss === undefined ? [] : atLoss(curves, loss)).map((at) => [
      ...[at.arm, at.loss.toFixed(4), at.step.toFixed(1)],
      ...keptCells(figures, at),
    ]),
  };
}

function rateText({ toxicity }: Pick<LearningPoint, 'toxicity'>): string {
  return toxicity ? percent(toxicity.rate) : notMeasured;
}

/** Lists all probes, arm by arm. */
export function learningTable(curves: readonly LearningCurve[]): TextTable {
  const figures = presentFigures(curves);
  return {
    header: ['arm', 'step', 'held-out loss, nats', ...keptHeadings(figures)],
    rows: curves.flatMap(({ arm, points }) =>
      points.map((point) => [...[arm, String(point.step), point.loss.toFixed(4)], ...keptCells(figures, point)]),
    ),
  };
}

/** The learning curves of a finished run, as a panel shows them. */
export function learningOf(run: Pick<StoredRun, 'events' | 'record'>): Learning {
  const curves = learningCurves(run);
  return { curves, said: rankOrDistance(curves), equalLoss: equalLossTable(curves), trials: trialTable(run) };
}
