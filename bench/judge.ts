/**
 * How fast is the ONNX classifier judge against the same model run by plain onnxruntime, every text padded to the
 * model's full length? Whole texts to scores on both sides, in turn, on two threads; medians of the rounds.
 *
 *   npm run bench:judge
 *
 * RANKSCOPE_SHARED names the folder with judges/ and data/ (the sibling folder ../shared unless set).
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readExamples } from '../server/dataset/readExamples.ts';
import { openOnnxClassifier } from '../server/engine/onnxFile/onnxClassifier.ts';
import { createJudge } from '../server/judges/createJudge.ts';
import { parseKerasVocabulary } from '../server/judges/models/kerasVocabulary.ts';
import { internal } from '../server/protocol/errors.ts';
import { median } from './median.ts';

const rounds = Number(process.env.ROUNDS ?? 7);
const threads = 2;
const shared = process.env.RANKSCOPE_SHARED ?? path.join(import.meta.dirname, '..', '..', 'shared');
const model = path.join(shared, 'judges', 'tox_block-0.1.2.onnx');
const vocabulary = path.join(shared, 'judges', 'tox_block-0.1.2.vocab.json');
const data = path.join(shared, 'data', 'nlg-bias', 'small_gpt2_generated_samples.tsv');

/** The opponent: batches in the order of the file, each text at the model's full length. */
async function openPlain(batch: number): Promise<(texts: readonly string[]) => Promise<number[]>> {
  const { encode } = parseKerasVocabulary(readFileSync(vocabulary, 'utf8'), vocabulary);
  const session = await InferenceSession.create(model, { intraOpNumThreads: threads });
  return async (texts) => {
    const scores: number[] = [];
    for (let from = 0; from < texts.length; from += batch) {
      const rows = texts.slice(from, from + batch).map((text) => encode(text).ids);
      const width = rows[0]?.length ?? 0;
      const ids = new BigInt64Array(rows.length * width);
      rows.forEach((row, i) => row.forEach((id, j) => (ids[i * width + j] = BigInt(id))));
      const { scores: found } = await session.run({ input_ids: new Tensor('int64', ids, [rows.length, width]) });
      const labels = Number(found?.dims[1]);
      for (let i = 0; i < rows.length; i++) scores.push(Number(found?.data[i * labels]));
    }
    return scores;
  };
}

async function openOurs(): Promise<(texts: readonly string[]) => Promise<(number | undefined)[]>> {
  const judge = await createJudge(
    { kind: 'classifier', model, vocabulary },
    { classifier: (file, options) => openOnnxClassifier(file, { threads, ...options }) },
  );
  return async (texts) => {
    const verdicts = await judge.judge(texts.map((text) => ({ text })));
    return verdicts.map((verdict) => (verdict.kind === 'judged' ? verdict.score : undefined));
  };
}

async function textsPerSecond(work: (texts: readonly string[]) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work(texts);
  return (1000 * texts.length) / (performance.now() - began);
}

const { examples } = await readExamples(data, { format: 'text' });
const texts = examples.map(({ text }) => text);
const ours = await openOurs();
const plains = await Promise.all([64, 256].map(openPlain));

const expected = (await plains[0]?.(texts)) ?? [];
const found = await ours(texts);
const differences = found.map((score, i) => (score === undefined ? 0 : Math.abs(score - (expected[i] ?? NaN))));
const largest = differences.reduce((most, one) => Math.max(most, one), 0);
if (!(largest < 1e-4)) throw internal(`scores differ from the model's own by ${largest}`);

const speeds: { ours: number; plain: number; ratio: number }[] = [];
for (let round = 0; round < rounds; round++) {
  const plain = Math.max(...(await inTurn(plains.map((work) => () => textsPerSecond(work)))));
  const own = await textsPerSecond(ours);
  speeds.push({ ours: own, plain, ratio: own / plain });
}

async function inTurn(work: readonly (() => Promise<number>)[]): Promise<number[]> {
  const results: number[] = [];
  for (const one of work) results.push(await one());
  return results;
}

console.log(
  `${texts.length} texts, ${threads} threads, ${rounds} rounds; largest difference of a score ${largest.toExponential(1)}`,
);
console.log('| | texts/s |\n| --- | --- |');
console.log(`| Rankscope | ${median(speeds.map((one) => one.ours)).toFixed(0)} |`);
console.log(
  `| onnxruntime, fixed padding, its better batch of 64 and 256 | ${median(speeds.map((one) => one.plain)).toFixed(0)} |`,
);
console.log(`| ratio (median of the rounds) | ${median(speeds.map((one) => one.ratio)).toFixed(2)} |`);
