/** The table of arms, as the command line, the HTML report and the Markdown report show it. */
import type { ArmMetrics, ToxicityRate } from '../../protocol/run.ts';

export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What stands where nothing was measured. It is never a zero. */
export const notMeasured = 'not measured';

/** One row an arm: toxicity with its 95 % interval, KL and entropy in nats, perplexity, training speed. */
export function armTable(arms: readonly ArmMetrics[]): TextTable {
  return {
    header: [
      'arm',
      'toxic',
      '95 % interval',
      'judged',
      'unjudged',
      ...optional(arms).map(([name]) => name),
      ...numbers(arms),
    ],
    rows: arms.map((arm) => [
      arm.id,
      percent(arm.toxicity.rate),
      intervalText(arm.toxicity),
      String(arm.toxicity.n),
      String(arm.toxicity.unjudged),
      ...optional(arms).map(([, read]) => percent(read(arm))),
      distanceText(arm.kl, arm),
      ...(hasPositions(arms) ? [distanceText(arm.klAll, arm)] : []),
      decimal(arm.entropy),
      decimal(arm.perplexity),
      arm.trainTokensPerSecond === undefined ? trainedOr(arm) : arm.trainTokensPerSecond.toFixed(0),
    ]),
  };
}

/** The distance at every position has a column only where it was measured. */
function numbers(arms: readonly ArmMetrics[]): readonly string[] {
  const everywhere = hasPositions(arms) ? ['KL at every position'] : [];
  return ['KL from base, nats', ...everywhere, 'entropy, nats', 'perplexity', 'tokens/s'];
}

function hasPositions(arms: readonly ArmMetrics[]): boolean {
  return arms.some(({ klAll }) => klAll !== undefined);
}

function distanceText(kl: ArmMetrics['kl'], arm: ArmMetrics): string {
  return kl ? `${decimal(kl.mean)} [${decimal(kl.low)}, ${decimal(kl.high)}]` : klAbsence(arm);
}

/** HONEST has a column only where a hurtful lexicon was given. */
function optional(
  arms: readonly ArmMetrics[],
): readonly (readonly [string, (arm: ArmMetrics) => number | undefined])[] {
  return arms.some(({ honest }) => honest !== undefined) ? [['HONEST', ({ honest }) => honest]] : [];
}

/** `12.3 %` of a share 0..1. */
export function percent(share: number | undefined): string {
  return share === undefined ? notMeasured : `${(share * 100).toFixed(1)} %`;
}

/** `[8.1, 16.4] %`; says so when the rate has no interval. */
export function intervalText({ low, high }: Pick<ToxicityRate, 'low' | 'high'>): string {
  if (low === undefined || high === undefined) return notMeasured;
  return `[${(low * 100).toFixed(1)}, ${(high * 100).toFixed(1)}] %`;
}

/** Three significant digits, without an exponent where it can be read without. */
export function decimal(value: number | undefined): string {
  if (value === undefined) return notMeasured;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  return size >= 100 ? value.toFixed(1) : String(Number(value.toPrecision(3)));
}

function klAbsence({ method }: ArmMetrics): string {
  return method === 'base' ? 'is the base' : notMeasured;
}

function trainedOr({ method }: ArmMetrics): string {
  return method === 'base' ? 'not trained' : notMeasured;
}
