/** How a classification run that repeats a result of the paper differs from the paper. */
import type { ClassificationSummary } from '../../protocol/run/classificationRun.ts';
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import type { MetricsOf } from '../../protocol/run/run.ts';
import { rateText } from './rateText.ts';

/** Training examples of the paper's data sets (section 3.1). */
const paperExamples: Readonly<Record<string, number>> = { IMDb: 25000, SST2: 67300 };

export function classificationDifferences(
  sweep: ClassificationSweep,
  { classification }: MetricsOf<'classification'>,
): readonly string[] {
  const { training, arms, data, reproduces } = sweep;
  const examples = largest(classification);
  const whole = paperExamples[reproduces?.dataset ?? ''];
  const rate = arms.learningRate;
  const length = training.steps === undefined ? `${training.epochs ?? 5} epochs` : `${training.steps} steps`;
  return [
    ...(reproduces?.item === 'table1'
      ? []
      : ["The paper gives this figure's numbers as a picture only; its claims are compared."]),
    whole === undefined
      ? `Trained on at most ${examples} examples of a data set that is not the paper's.`
      : `Trained on at most ${examples} examples; the paper on ${whole.toLocaleString('en')}.`,
    `${length} in batches of ${training.batchSize * training.gradientAccumulation}, learning rate ${rateText(rate)}; ` +
      'the paper has 5 epochs (OPT 1.3B: 1) in batches of 16, one rate for all arms (2e-5).',
    `Ranks ${arms.ranks.join(', ')}; ${arms.seeds.length === 1 ? 'one seed, as in the paper' : `${arms.seeds.length} seeds, the paper has one run`}.`,
    `Shares of the minority: ${data.minority?.rates.map((share) => shareName(share)).join(', ') ?? 'all'}; those of the paper are missing from its text.`,
    `Texts are cut after ${data.maxWords} words; the paper does not say.`,
  ];
}

function largest({ training }: ClassificationSummary): number {
  const totals = training.map(({ counts }) => counts.reduce((sum, { n }) => sum + n, 0));
  return Math.max(0, ...totals);
}

function shareName(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}
