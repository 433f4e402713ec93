/** What a run that repeats a result of the paper shows beside it: the paper's numbers, its claims, and what differs. */
import type { ClassificationSummary } from '../../protocol/classificationRun.ts';
import type { ClassificationSweep } from '../../protocol/classificationSweep.ts';
import type { RunMetrics } from '../../protocol/run.ts';
import type { AnySweep } from '../../protocol/experiments.ts';
import type { ToxicitySweep } from '../../protocol/toxicitySweep.ts';
import type { TextTable } from '../../measures/textTable.ts';
import { table1 } from '../tables/classificationTables.ts';
import {
  figure2Claims,
  figure4Claims,
  figure5Claims,
  figure6Claims,
  firstRule,
  table1Claims,
  type Claim,
} from './paperClaims.ts';
import { paperTable1 } from './paperTable1.ts';
import type { StoredRun } from '../../runs/readRun.ts';

export interface Reproduction {
  readonly title: string;
  readonly tables: readonly { readonly title: string; readonly table: TextTable }[];
  readonly claims: readonly Claim[];
  /** What is not as in the paper, one statement each. */
  readonly differences: readonly string[];
}

/** Undefined for a run that repeats nothing, and for one that has not finished. */
export function reproduction({
  run,
}: {
  readonly run: Pick<StoredRun, 'record' | 'metrics'>;
}): Reproduction | undefined {
  const { sweep, arms } = run.record;
  const wanted = sweep.reproduces;
  const { metrics } = run;
  if (wanted === undefined || metrics === undefined) return undefined;
  const where = wanted.dataset === undefined ? '' : ` on ${wanted.dataset}`;
  return {
    title: `${titles[wanted.item]} of arXiv 2405.18572${where}`,
    tables: tables(sweep, metrics),
    claims: claims(wanted.item, metrics),
    differences: [
      `The base model is ${sweep.model.replace(/^.*[\\/](?=.)/, '')}; the paper's are ${paperModels[wanted.item]}.`,
      ...(sweep.experiment === 'classification'
        ? classificationDifferences(sweep, metrics)
        : toxicityDifferences(sweep)),
      ...(wanted.scale === 'small'
        ? ['The scale is small: what the intervals leave open is undecided, not refuted.']
        : []),
      ...(arms.some(({ method }) => method === 'full') ? [] : ['There is no full fine-tuning to compare with.']),
    ],
  };
}

type Item = NonNullable<AnySweep['reproduces']>['item'];

const titles: Readonly<Record<Item, string>> = {
  table1: 'Table 1',
  figure2: 'Figure 2',
  figure4: 'Figure 4 (and 7, 8)',
  figure5: 'Figure 5',
  figure6: 'Figure 6',
  'honest-race': 'Figure 12 (HONEST Race)',
};

const paperModels: Readonly<Record<Item, string>> = {
  table1: 'GPT-2 and OPT 1.3B',
  figure2: 'Llama-2 7B and OPT 1.3B',
  figure4: 'GPT-2, BERT (figure 7) and OPT 1.3B (figure 8)',
  figure5: 'GPT-2',
  figure6: 'not named in the text of section 5',
  'honest-race': 'OPT 1.3B',
};

function tables(sweep: AnySweep, { classification }: RunMetrics): Reproduction['tables'] {
  const dataset = sweep.reproduces?.dataset;
  if (sweep.reproduces?.item !== 'table1' || !classification || dataset === undefined) return [];
  const own = table1(classification, firstRule(classification));
  const theirs = paperTable1(dataset);
  return [
    ...(own
      ? [{ title: `This run, table 1's layout: ${classification.minority ?? ''} is the minority`, table: own }]
      : []),
    ...(theirs
      ? [{ title: "The paper's table 1 (the shares of its two blocks are missing from its text)", table: theirs }]
      : []),
  ];
}

function claims(item: Item, { arms, classification }: RunMetrics): readonly Claim[] {
  if (item === 'figure6') return figure6Claims(arms);
  if (item === 'figure2' || item === 'honest-race') return figure2Claims(arms);
  if (!classification) return [];
  const rule = firstRule(classification);
  if (item === 'table1') return table1Claims(classification, rule);
  return item === 'figure4' ? figure4Claims(classification, rule) : figure5Claims(classification);
}

/** Training examples of the paper's data sets (section 3.1). */
const paperExamples: Readonly<Record<string, number>> = { IMDb: 25000, SST2: 67300 };

function classificationDifferences(sweep: ClassificationSweep, { classification }: RunMetrics): readonly string[] {
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
    `${length} in batches of ${training.batchSize * training.gradientAccumulation}, learning rate ${JSON.stringify(rate)}; ` +
      'the paper has 5 epochs (OPT 1.3B: 1) in batches of 16, one rate for all arms (2e-5).',
    `Ranks ${arms.ranks.join(', ')}; ${arms.seeds.length === 1 ? 'one seed, as in the paper' : `${arms.seeds.length} seeds, the paper has one run`}.`,
    `Shares of the minority: ${data.minority?.rates.map((share) => shareName(share)).join(', ') ?? 'all'}; those of the paper are missing from its text.`,
    `Texts are cut after ${data.maxWords} words; the paper does not say.`,
  ];
}

function largest(classification: ClassificationSummary | undefined): number {
  const totals = classification?.training.map(({ counts }) => counts.reduce((sum, { n }) => sum + n, 0)) ?? [];
  return Math.max(0, ...totals);
}

function shareName(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

function batchText({ batchSize, gradientAccumulation }: ToxicitySweep['training']): string {
  if (gradientAccumulation === 'auto') return `${batchSize} times what the number of pairs allows`;
  return String(batchSize * gradientAccumulation);
}

function toxicityDifferences({ data, judge, training, arms }: ToxicitySweep): readonly string[] {
  const source =
    data.pairs === undefined
      ? `Counterfactuals by ${data.counterfactuals?.model.replace(/^.*[\\/](?=.)/, '') ?? 'a generator'}`
      : 'Given pairs of prompt and completion';
  const rate = arms.learningRate;
  return [
    "The paper gives this figure's numbers as a picture only; its claims are compared.",
    judge.kind === 'llm'
      ? `Judged by ${judge.model.replace(/^.*[\\/](?=.)/, '')}; the paper's judge is Tulu V1 7B.`
      : `Judged by ${judge.kind === 'lexicon' ? 'a word list' : `a ${judge.kind} model`}, which is no reader of meaning; the paper's judge is Tulu V1 7B.`,
    `${source}; the paper's are five for each toxic completion, by Tulu V1 7B.`,
    `Batches of ${batchText(training)}, learning rate ${JSON.stringify(rate)}; the paper's are of 256 (8 by 32), 5e-5 for all arms.`,
    'Measured on held-out templates, which were not trained on; the paper does not say that its were.',
    ...(data.prompts.limit === undefined ? [] : [`${data.prompts.limit} of the prompts, drawn at random.`]),
  ];
}
