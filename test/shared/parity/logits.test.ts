import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { groupArms } from '../../../server/engine/generate/armWeights.ts';
import { decode } from '../../../server/engine/generate/decode.ts';
import { Scorer } from '../../../server/engine/generate/scorer.ts';
import { compileLogits, largestDifference, packedLogits } from '../../server/engine/models/tinyModel.ts';
import { openReal, oracles, python, shared, smollm2, type RealModel } from './realModel.ts';

interface OracleText {
  readonly text: string;
  readonly ids: readonly number[];
  readonly best: readonly number[];
  readonly margin: readonly number[];
  readonly logSum: readonly number[];
  readonly sampled: readonly (readonly number[])[];
}
interface Oracle {
  readonly stride: number;
  readonly texts: readonly OracleText[];
}

/** Where PyTorch's own best token is ahead by less than this, float32 may choose the other. */
const NO_TIE = 1e-3;
const LARGEST_DIFFERENCE = 2e-3;

const bestOf = (row: Float32Array): number => row.reduce((best, x, i) => (x > (row[best] ?? NaN) ? i : best), 0);

/** Natural logarithm of the sum of exponentials, in float64. */
function logSum(row: Float32Array): number {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

describe('SmolLM2 (RANKSCOPE_SMOLLM2) against Transformers, ten texts', () => {
  let model: RealModel;
  let oracle: Oracle;
  let every: Float32Array | undefined;
  /** [positions x vocabulary] of each text, all texts packed in one batch. */
  let logits: Float32Array[];

  before(async () => {
    model = await openReal(smollm2());
    [oracle, every] = await readOracle();
    const program = await compileLogits(model.definition, model.weights);
    logits = await packedLogits(
      program,
      model.definition,
      oracle.texts.map((t) => t.ids),
    );
    await program.release();
  });

  const rowOf = (text: number, position: number): Float32Array => {
    const { vocabularySize } = model.definition.config;
    return logits[text]?.subarray(position * vocabularySize, (position + 1) * vocabularySize) ?? new Float32Array();
  };
  const eachPosition = (visit: (text: OracleText, position: number, row: Float32Array) => void): void =>
    oracle.texts.forEach((text, i) => text.ids.forEach((_, position) => visit(text, position, rowOf(i, position))));

  it('has the same tokens', () => {
    assert.equal(oracle.texts.length, 10);
    for (const { text, ids } of oracle.texts) {
      assert.deepEqual(model.tokenizer?.encode(text, { addSpecialTokens: false }), ids);
    }
  });

  it('has the same best token at every position', () => {
    eachPosition(({ text, best, margin }, position, row) => {
      assert.ok((margin[position] ?? 0) > NO_TIE, `a tie at ${position} of ${text}`);
      assert.equal(bestOf(row), best[position], `position ${position} of ${text}`);
    });
  });

  it('has its logits to 2e-3, and the sum of all their exponentials', () => {
    let largest = 0;
    eachPosition(({ sampled, logSum: expected }, position, row) => {
      const theirs = sampled[position] ?? [];
      const ours = theirs.map((_, i) => row[(position % oracle.stride) + i * oracle.stride] ?? NaN);
      largest = Math.max(largest, largestDifference(ours, theirs), Math.abs(logSum(row) - (expected[position] ?? NaN)));
    });
    let at = 0;
    for (const ours of every ? logits : []) {
      largest = Math.max(largest, largestDifference(ours, every?.subarray(at, at + ours.length) ?? []));
      at += ours.length;
    }
    console.log(`      largest difference ${largest.toExponential(2)}${every ? ' of all logits' : ''}`);
    assert.ok(largest <= LARGEST_DIFFERENCE, `${largest}`);
  });
});

/** The committed numbers, or new ones of every logit where there is a Python to make them. */
async function readOracle(): Promise<[Oracle, Float32Array | undefined]> {
  const parse = (bytes: Buffer): Oracle => JSON.parse(gunzipSync(bytes).toString()) as Oracle;
  if (python === undefined) return [parse(await readFile(join(oracles, 'smollm2/logits.json.gz'))), undefined];
  const folder = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    const [out, all] = [join(folder, 'logits.json.gz'), join(folder, 'all.bin')];
    await promisify(execFile)(python, [join(oracles, 'smollm2_logits.py'), smollm2(), '--out', out, '--all', all]);
    const bytes = await readFile(all);
    return [parse(await readFile(out)), new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('stories260K against llama2.c', () => {
  const folder = join(shared, 'models/stories260K');
  let model: RealModel;
  let reference: readonly {
    readonly ids: readonly number[];
    readonly last_logits: readonly number[];
    readonly greedy24: readonly number[];
  }[];

  before(async () => {
    model = await openReal(join(folder, 'hf'));
    reference = JSON.parse(await readFile(join(folder, 'reference.json'), 'utf8')) as typeof reference;
  });

  it('has its logits to 1e-3', async () => {
    const program = await compileLogits(model.definition, model.weights);
    const packed = await packedLogits(
      program,
      model.definition,
      reference.map((r) => r.ids),
    );
    let largest = 0;
    reference.forEach(({ last_logits: expected }, i) => {
      largest = Math.max(largest, largestDifference(packed[i]?.slice(-expected.length) ?? [], expected));
    });
    console.log(`      largest difference ${largest.toExponential(2)}`);
    assert.ok(largest <= 1e-3, `${largest}`);
    await program.release();
  });

  it('completes greedily as it does, by whole passes and by the cached decoder', async () => {
    const program = await compileLogits(model.definition, model.weights);
    const { vocabularySize } = model.definition.config;
    for (const { ids, greedy24 } of reference) {
      const grown = [...ids];
      for (const expected of greedy24) {
        const [logits] = await packedLogits(program, model.definition, [grown]);
        const next = bestOf(logits?.slice(-vocabularySize) ?? new Float32Array());
        assert.equal(next, expected, `after ${grown.length} tokens`);
        grown.push(next);
      }
    }
    await program.release();
    const scorer = new Scorer(model.definition, model.weights, { threads: 1 });
    const [base] = groupArms(['base'], new Map());
    assert.ok(base);
    const prompts = reference.map(({ ids }, index) => ({ index, ids }));
    const completions = await decode(scorer, base, prompts, {
      maxNewTokens: 24,
      samples: 1,
      temperature: 0,
      topK: 0,
      topP: 1,
      seed: 0,
      endTokens: new Set(),
      isComplete: () => false,
    });
    await scorer.release();
    assert.deepEqual(
      completions.map((c) => c.tokens),
      reference.map((r) => r.greedy24),
    );
  });
});
