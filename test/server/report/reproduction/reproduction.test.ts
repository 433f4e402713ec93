import assert from 'node:assert/strict';
import { rateText } from '../../../../server/report/reproduction/rateText.ts';
import { sweepFileSchema } from '../../../../server/protocol/sweep/experiments.ts';
import { reproduction } from '../../../../server/report/reproduction.ts';
import { classificationMetrics } from '../../../golden/goldenClassification.ts';
import { classificationRecord } from '../../../golden/goldenClassificationRecord.ts';
import { runFolder } from '../../../../server/runs/runFolder.ts';
import type { StoredRun } from '../../../../server/runs/readRun.ts';
import { sampleMetrics, sampleRecord } from '../../runs/sampleRun.ts';

type Over = Readonly<Record<string, unknown>>;
/** Without the one difference that says what is missing of the run's files: nothing of a run lies on the disk here. */
async function reproduced(of: Pick<StoredRun, 'record' | 'metrics'>) {
  const events = { events: [], broken: [] };
  const found = await reproduction({
    folder: runFolder('/nowhere'),
    id: 'sample',
    state: 'finished',
    ...events,
    ...of,
  });
  const isOurs = (difference: string) => !difference.startsWith('The claims cannot be decided: ');
  return found && { ...found, differences: found.differences.filter(isOurs) };
}
const toxicity = (over: Over) => {
  const sweep = sweepFileSchema.parse({
    experiment: 'toxicity',
    model: '/models/opt-125m',
    data: { prompts: { file: '/data/prompts.txt' }, pairs: { file: '/data/pairs.jsonl' } },
    arms: { ranks: [2], learningRate: 3e-4 },
    training: { epochs: 1, batchSize: 4, gradientAccumulation: 3 },
    ...over,
  });
  return reproduced({ record: { ...sampleRecord, sweep }, metrics: sampleMetrics });
};
const classification = (over: Over, metrics = classificationMetrics) => {
  const sweep = sweepFileSchema.parse({
    experiment: 'classification',
    model: '/models/gpt2',
    data: { train: { file: '/data/train.tsv' }, minority: { group: 'women', rates: [1, 0.125] } },
    arms: { ranks: [2, 8], learningRate: 3e-4 },
    training: { epochs: 7, batchSize: 4, gradientAccumulation: 3 },
    ...over,
  });
  return reproduced({ record: { ...classificationRecord, sweep }, metrics });
};

describe('what a run that repeats a result of the paper shows beside it', () => {
  it('is nothing where the run repeats nothing or has not finished', async () => {
    assert.equal(await toxicity({}), undefined);
    const sweep = sweepFileSchema.parse({
      ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' } } },
      reproduces: { item: 'figure2', scale: 'paper' },
    });
    const record = { ...sampleRecord, sweep };
    assert.equal(await reproduced({ record }), undefined);
  });

  it('lists what differs from the paper in a sweep of toxicity', async () => {
    const found = await toxicity({ reproduces: { item: 'figure2', scale: 'paper' } });
    assert.equal(found?.title, 'Figure 2 of arXiv 2405.18572');
    assert.deepEqual(found.tables, []);
    assert.deepEqual(found.differences, [
      "The base model is opt-125m; the paper's are Llama-2 7B and OPT 1.3B.",
      "The paper gives this figure's numbers as a picture only; its claims are compared.",
      "Judged by a word list, which is no reader of meaning; the paper's judge is Tulu V1 7B.",
      "Given pairs of prompt and completion; the paper's are five for each toxic completion, by Tulu V1 7B.",
      "Batches of 12, learning rate 0.0003; the paper's are of 256 (8 by 32), 5e-5 for all arms.",
      'Measured on held-out templates, which were not trained on; the paper does not say that its were.',
    ]);
  });

  it('names the generator, the judge, the drawn prompts and the batches that depend on the pairs', async () => {
    const { differences = [] } =
      (await toxicity({
        reproduces: { item: 'honest-race', scale: 'small' },
        data: { prompts: { file: '/data/prompts.txt', limit: 90 }, counterfactuals: { model: '/models/tulu-1b' } },
        judge: { kind: 'llm', model: '/models/judge-1b' },
        training: { batchSize: 4, gradientAccumulation: 'auto' },
      })) ?? {};
    assert.deepEqual(differences.slice(1, 5), [
      "The paper gives this figure's numbers as a picture only; its claims are compared.",
      "Judged by judge-1b; the paper's judge is Tulu V1 7B.",
      "Counterfactuals by tulu-1b; the paper's are five for each toxic completion, by Tulu V1 7B.",
      "Batches of 4 times what the number of pairs allows, learning rate 0.0003; the paper's are of 256 (8 by 32), 5e-5 for all arms.",
    ]);
    assert.deepEqual(differences.slice(5), [
      'Measured on held-out templates, which were not trained on; the paper does not say that its were.',
      '90 of the prompts, drawn at random.',
      'The scale is small: what the intervals leave open is undecided, not refuted.',
    ]);
  });

  it('names rates that are chosen, and several judges', async () => {
    const { differences = [] } =
      (await toxicity({
        reproduces: { item: 'figure2', scale: 'paper' },
        judge: { kind: 'combined', judges: [{ kind: 'lexicon' }, { kind: 'lexicon' }], rule: 'majority' },
        arms: { learningRate: 'tune' },
      })) ?? {};
    assert.equal(differences[2], "Judged by several judges together; the paper's judge is Tulu V1 7B.");
    assert.match(differences[4] ?? '', /learning rate chosen by held-out loss, for LoRA and in full; the paper's/);
    const rates = { tune: 'rank' as const, lora: [1, 2, 3], full: [1, 2, 3] };
    assert.equal(rateText(rates), 'chosen by held-out loss, for each rank of LoRA and in full');
    assert.equal(rateText({ lora: 5e-4, full: [5e-5, 1e-4] }), '0.0005 for LoRA and 0.00005, 0.0001 in full');
    assert.equal(rateText([0.1, 0.2]), '0.1, 0.2');
  });

  it('lists what differs from the paper in a sweep of classification', async () => {
    const found = await classification({ reproduces: { item: 'table1', scale: 'paper', dataset: 'SST2' } });
    const counts = classificationMetrics.classification?.training.map(({ counts }) => counts.map(({ n }) => n)) ?? [];
    const most = Math.max(...counts.map((own) => own.reduce((sum, n) => sum + n, 0)));
    assert.equal(found?.title, 'Table 1 of arXiv 2405.18572 on SST2');
    assert.deepEqual(found.differences, [
      "The base model is gpt2; the paper's are GPT-2 and OPT 1.3B.",
      `Trained on at most ${most} examples; the paper on 67,300.`,
      '7 epochs in batches of 12, learning rate 0.0003; the paper has 5 epochs (OPT 1.3B: 1) in batches of 16, one rate for all arms (2e-5).',
      'Ranks 2, 8; one seed, as in the paper.',
      'Shares of the minority: 100 %, 12.5 %; those of the paper are missing from its text.',
      'Texts are cut after 250 words; the paper does not say.',
    ]);
    assert.deepEqual(
      found.tables.map(({ title }) => title),
      [
        "This run, table 1's layout: women is the minority",
        "The paper's table 1 (the shares of its two blocks are missing from its text)",
      ],
    );
  });

  it('says when the length is in steps, the seeds are several, and the data set is none of the paper', async () => {
    const { differences = [], tables } =
      (await classification({
        reproduces: { item: 'figure5', scale: 'paper' },
        arms: { ranks: [2], learningRate: 3e-4, seeds: [0, 1, 2] },
        training: { steps: 41, batchSize: 4, gradientAccumulation: 1 },
        data: { train: { file: '/data/train.tsv' }, maxWords: 77 },
      })) ?? {};
    assert.deepEqual(tables, []);
    assert.match(differences[1] ?? '', /^The paper gives this figure's numbers as a picture only/);
    assert.match(differences[2] ?? '', /^Trained on at most \d+ examples of a data set that is not the paper's\.$/);
    assert.match(differences[3] ?? '', /^41 steps in batches of 4, /);
    assert.equal(differences[4], 'Ranks 2; 3 seeds, the paper has one run.');
    assert.equal(differences[5], 'Shares of the minority: all; those of the paper are missing from its text.');
    assert.equal(differences[6], 'Texts are cut after 77 words; the paper does not say.');
  });

  it('says that full fine-tuning is missing where no arm is trained in full', async () => {
    const sweep = sweepFileSchema.parse({
      ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' } } },
      reproduces: { item: 'figure6', scale: 'paper' },
    });
    const of = async (arms: typeof sampleRecord.arms) =>
      (await reproduced({ record: { ...sampleRecord, sweep, arms }, metrics: sampleMetrics }))?.differences.at(-1);
    const missing = 'There is no full fine-tuning to compare with.';
    assert.equal(await of(sampleRecord.arms.filter(({ method }) => method !== 'full')), missing);
    assert.notEqual(await of(sampleRecord.arms), missing);
  });
});
