/** The charts of a run, as data. */
import type { ArmMetrics } from '../../server/protocol/run.ts';
import type { ArmStyle } from '../chart/armStyle.ts';
import { styleOf } from '../chart/armStyle.ts';
import type { Bar, BarChart, LineChart } from '../chart/chartSpec.ts';
import { filled } from '../chart/column.ts';
import { bytes, decimal, percent } from '../text/format.ts';
import { t } from '../text/strings.ts';
import type { CurveName, ProbeName, RunModel } from './runModel.ts';

/** Which arms are drawn, and how. */
export interface Drawn {
  readonly styles: ReadonlyMap<string, ArmStyle>;
  readonly isShown: (arm: string) => boolean;
}

export const curveCharts: readonly CurveName[] = ['loss', 'learningRate', 'tokensPerSecond', 'memoryBytes'];
export const probeCharts: readonly ProbeName[] = ['kl', 'toxicityRate', 'entropy'];

interface Wording {
  readonly title: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}

function wording(name: CurveName | ProbeName): Wording {
  switch (name) {
    case 'loss':
      return { title: t('Training loss'), unit: t('nats per label token'), format: decimal };
    case 'learningRate':
      return { title: t('Learning rate'), unit: t('learning rate'), format: decimal };
    case 'tokensPerSecond':
      return { title: t('Training speed'), unit: t('tokens per second'), format: decimal };
    case 'memoryBytes':
      return { title: t('Memory of the engine'), unit: t('resident bytes'), format: bytes };
    case 'kl':
      return { title: t('KL from the base, probed'), unit: t('nats'), format: decimal };
    case 'entropy':
      return { title: t('Entropy, probed'), unit: t('nats'), format: decimal };
    case 'toxicityRate':
      return { title: t('Toxicity rate, probed'), unit: t('toxic completions'), format: percent };
  }
}

/** One curve over the steps of training of every shown arm. */
export function curveChart(model: RunModel, name: CurveName, drawn: Drawn): LineChart {
  return lines(name, model.curves, (series) => filled(series[name]), drawn);
}

/** One probed measure of every shown arm; an arm for which it was never measured has no line. */
export function probeChart(model: RunModel, name: ProbeName, drawn: Drawn): LineChart {
  const all = new Map([...model.probes].filter(([, series]) => filled(series[name]).some((y) => !Number.isNaN(y))));
  return lines(name, all, (series) => filled(series[name]), drawn);
}

function lines<S extends { readonly step: Parameters<typeof filled>[0] }>(
  name: CurveName | ProbeName,
  all: ReadonlyMap<string, S>,
  read: (series: S) => Float64Array,
  { styles, isShown }: Drawn,
): LineChart {
  const { title, unit, format } = wording(name);
  const series = [...all]
    .filter(([arm]) => isShown(arm))
    .map(([arm, one]) => ({ label: arm, style: styleOf(styles, arm), x: filled(one.step), y: read(one) }));
  return { kind: 'lines', title, xTitle: t('step'), yTitle: unit, series, format };
}

/** Share of toxic completions with its 95 % interval (paper figure 2). Arms without a verdict have no bar. */
export function toxicityBars(arms: readonly ArmMetrics[], { styles, isShown }: Drawn): BarChart {
  const bars = arms.flatMap(({ id, toxicity: { rate, low, high, n } }): Bar[] =>
    rate === undefined || !isShown(id)
      ? []
      : [{ label: id, style: styleOf(styles, id), value: rate, n, ...interval(low, high) }],
  );
  return { kind: 'bars', title: t('Toxic completions'), yTitle: t('toxic completions'), bars, format: percent };
}

/** KL(base || arm), nats, with its 95 % interval (paper figure 6, left). */
export function klBars(arms: readonly ArmMetrics[], { styles, isShown }: Drawn): BarChart {
  const bars = arms.flatMap(({ id, kl }): Bar[] =>
    kl && isShown(id)
      ? [{ label: id, style: styleOf(styles, id), value: kl.mean, low: kl.low, high: kl.high, n: kl.n }]
      : [],
  );
  return { kind: 'bars', title: t('KL from the base'), yTitle: t('nats'), bars, format: decimal };
}

function interval(low: number | undefined, high: number | undefined): { low?: number; high?: number } {
  return low === undefined || high === undefined ? {} : { low, high };
}

/** Per arm nats against density. */
export type Densities = Readonly<
  Record<string, { readonly nats: readonly number[]; readonly density: readonly number[] }>
>;

/** How the prompts spread over KL (paper figure 6, right); logarithmic where the values span more than a decade. */
export function densityChart(densities: Densities, { styles, isShown }: Drawn): LineChart {
  const shown = Object.entries(densities).filter(([arm]) => isShown(arm));
  const nats = shown.flatMap(([, density]) => density.nats);
  const least = nats.reduce((a, b) => Math.min(a, b), Infinity);
  const most = nats.reduce((a, b) => Math.max(a, b), 0);
  return {
    kind: 'lines',
    title: t('Distribution of KL over prompts'),
    xTitle: t('KL from the base, nats'),
    yTitle: t('density'),
    series: shown.map(([arm, { nats: x, density }]) => ({ label: arm, style: styleOf(styles, arm), x, y: density })),
    logarithmicX: least > 0 && most > 10 * least,
    format: decimal,
  };
}
