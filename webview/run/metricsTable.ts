/** The table of a run's arms, and their differences from the pinned baseline. */
import type { ArmMetrics } from '../../server/protocol/run.ts';
import type { Comparison } from '../../server/protocol/runsContract.ts';
import { bytes, decimal, notMeasured, percent, percentInterval, points } from '../text/format.ts';
import { t } from '../text/strings.ts';
import type { TextTable } from '../text/textTable.ts';

/** A paired difference of shares, arm less baseline; or why there is none. */
export type Difference =
  { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | string;

/** By arm; an arm that is missing has not been compared (yet). */
export type Differences = ReadonlyMap<string, Difference>;

/** What the metrics themselves say of differences from `baseline`. */
export function storedDifferences(arms: readonly ArmMetrics[], baseline: string): Differences {
  return new Map(
    arms.flatMap(({ id, toxicityVersus }) => {
      const found = toxicityVersus?.find(({ reference }) => reference === baseline);
      if (!found) return [];
      const { difference, low, high, n } = found;
      return [[id, { value: difference, low, high, n }] as const];
    }),
  );
}

/** What a comparison says of them. */
export function comparedDifferences({ arms }: Comparison): Differences {
  return new Map(
    arms.flatMap(({ of: { arm }, difference, reason }) => {
      const found = difference ?? reason;
      return found === undefined ? [] : [[arm, found] as const];
    }),
  );
}

/** Arms that have a rate but no difference from `baseline` yet. */
export function uncompared(arms: readonly ArmMetrics[], baseline: string, differences: Differences): readonly string[] {
  const judged = arms.filter(({ toxicity }) => toxicity.rate !== undefined).map(({ id }) => id);
  if (!judged.includes(baseline)) return [];
  return judged.filter((id) => id !== baseline && !differences.has(id));
}

/** One row an arm, in the order of `arms`: its first cell is the arm's id. */
export function metricsTable(arms: readonly ArmMetrics[], baseline: string, differences: Differences): TextTable {
  const columns = columnsOf(arms, baseline, differences);
  return {
    header: columns.map(([name]) => name),
    rows: arms.map((arm) => columns.map(([, read]) => read(arm))),
  };
}

type Column = readonly [name: string, read: (arm: ArmMetrics) => string];

function columnsOf(arms: readonly ArmMetrics[], baseline: string, differences: Differences): readonly Column[] {
  const any = (has: (arm: ArmMetrics) => boolean, ...columns: readonly Column[]) => (arms.some(has) ? columns : []);
  return [
    [t('arm'), ({ id }) => id],
    ...any(
      ({ toxicity }) => toxicity.n > 0 || toxicity.unjudged > 0,
      [t('toxic'), ({ toxicity }) => percent(toxicity.rate)],
      [t('95 % interval'), ({ toxicity }) => percentInterval(toxicity.low, toxicity.high)],
      [t('minus {0}, points', baseline), (arm) => differenceText(arm, baseline, differences)],
      [t('judged'), ({ toxicity }) => String(toxicity.n)],
      [t('unjudged'), ({ toxicity }) => String(toxicity.unjudged)],
    ),
    ...any(({ honest }) => honest !== undefined, ['HONEST', ({ honest }) => percent(honest)]),
    ...any(({ kl }) => kl !== undefined, [t('KL from base, nats'), klText]),
    ...any(({ entropy }) => entropy !== undefined, [t('entropy, nats'), ({ entropy }) => decimal(entropy)]),
    ...any(({ perplexity }) => perplexity !== undefined, [t('perplexity'), ({ perplexity }) => decimal(perplexity)]),
    ...any(
      ({ finalLoss }) => finalLoss !== undefined,
      [t('final loss'), (arm) => trained(arm, decimal(arm.finalLoss))],
    ),
    ...any(
      ({ trainTokensPerSecond }) => trainTokensPerSecond !== undefined,
      [t('tokens/s'), (arm) => trained(arm, decimal(arm.trainTokensPerSecond))],
    ),
    ...any(
      ({ peakMemoryBytes }) => peakMemoryBytes !== undefined,
      [t('peak memory'), (arm) => trained(arm, bytes(arm.peakMemoryBytes))],
    ),
    ...any(({ failure }) => failure !== undefined, [t('no result because'), ({ failure }) => failure ?? '']),
  ];
}

function differenceText({ id, toxicity }: ArmMetrics, baseline: string, differences: Differences): string {
  if (id === baseline) return t('is the baseline');
  const found = differences.get(id);
  if (found === undefined) return toxicity.rate === undefined ? notMeasured() : t('not compared');
  return typeof found === 'string' ? found : points(found);
}

function klText({ kl, method }: ArmMetrics): string {
  if (kl) return `${decimal(kl.mean)} [${decimal(kl.low)}, ${decimal(kl.high)}]`;
  return method === 'base' ? t('is the base') : notMeasured();
}

function trained({ method }: ArmMetrics, text: string): string {
  return method === 'base' ? t('not trained') : text;
}
