import assert from 'node:assert/strict';
import { packSequences } from '../../../../server/engine/batch/packing.ts';
import { labelChunks, type LabelChunks } from '../../../../server/engine/train/chunkedLoss.ts';
import { BatchPlan } from '../../../../server/engine/train/batchPlan.ts';
import { labelFeeds, mostLabels } from '../../../../server/engine/train/labels.ts';
import { buildTrainProgram } from '../../../../server/engine/train/trainProgram.ts';
import { relativeError } from '../onnx/runGraph.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { CONFIGS } from '../generate/randomModel.ts';
import { openTiny } from '../models/tinyModel.ts';
import { lossAndGradients, type Kind } from './programVariants.ts';

// Seven, one and three labels.
const examples = [
  { ids: [3, 14, 15, 9, 26, 5, 35, 8], firstLabel: 0 },
  { ids: [9, 7, 9], firstLabel: 2 },
  { ids: [3, 2, 3, 8, 4, 6], firstLabel: 3 },
];

const CASES: readonly (readonly [string, LabelChunks])[] = [
  ['in chunks of four and three', { chunks: 3, rows: 4 }],
  ['with chunks that stay empty', { chunks: 5, rows: 5 }],
  ['with more labels than the chunks were meant for', { chunks: 2, rows: 3 }],
];

describe('the loss in chunks', () => {
  for (const [variant, kind] of [
    ['gpt2', 'full'],
    ['gpt2', 'lora'],
    ['llama-group3-untied', 'full'],
    ['llama', 'lora'],
    // A projection before the head, with adapters and dropout of its own.
    ['opt-post-norm-projected', 'lora'],
    ['opt-projected-gelu-untied', 'full'],
    // A bound of the logits, and a factor.
    ['gemma2', 'full'],
    ['granite', 'lora'],
  ] as const satisfies readonly (readonly [string, Kind])[]) {
    for (const [name, labels] of CASES) {
      it(`${name}, has the loss and gradients of the whole: ${variant}, ${kind}`, async () => {
        const { definition } = await openTiny(variant);
        const whole = await lossAndGradients(definition, kind, examples, {});
        const parts = await lossAndGradients(definition, kind, examples, { labels });
        assert.deepEqual([...parts.keys()], [...whole.keys()]);
        for (const [output, values] of whole) {
          const error = relativeError(parts.get(output) ?? [], values);
          assert.ok(error < 2e-6, `${output}: ${error}`);
        }
      });
    }
  }

  it('never holds logits of more than one chunk', () => {
    // A size that nothing else has.
    const definition = defineModel({ ...CONFIGS.gpt2, vocab_size: 43 }, 'test');
    const { graph } = buildTrainProgram(definition, { kind: 'full' }, { chunks: 3 });
    const { vocabularySize } = definition.config;
    const rows = graph.nodes
      .flatMap(({ outputs }) => outputs)
      .filter(({ shape }) => shape.length === 2 && shape[1] === vocabularySize)
      .map(({ shape }) => shape[0]);
    assert.deepEqual(new Set(rows), new Set(['N', 'N1', 'N2']));
  });

  it('is in one piece for 128 labels at the most, and for as many as make 32 MiB of logits', () => {
    assert.equal(labelChunks(128, 10 ** 6).chunks, 1);
    assert.equal(labelChunks(129, 10 ** 6).chunks, 2);
    assert.deepEqual(labelChunks(1024, 50257), { chunks: 7, rows: 166 });
    assert.equal(labelChunks(1024, 259).chunks, 1);
    assert.deepEqual(labelChunks(4096, 50257, 768), { chunks: 3, rows: 1536 });
    assert.equal(labelChunks(0, 50257).chunks, 1);
  });

  it('fills as many chunks as are needed, evenly', () => {
    const { rowsOf } = packSequences(
      examples.map(({ ids }) => ids),
      1,
      1,
    );
    const sizes = (labels: LabelChunks): number[] => {
      const feeds = new Map(labelFeeds(examples, { rowsOf }, labels));
      return Array.from({ length: labels.chunks }, (_, i) => {
        const rows = feeds.get(i === 0 ? 'label_rows' : `label_rows.${i}`);
        const targets = feeds.get(i === 0 ? 'labels' : `labels.${i}`);
        assert.deepEqual(targets?.dims, [rows?.data.length, 1]);
        return rows?.data.length ?? NaN;
      });
    };
    assert.deepEqual(sizes({ chunks: 1, rows: 1 }), [11]);
    assert.deepEqual(sizes({ chunks: 3, rows: 4 }), [4, 4, 3]);
    assert.deepEqual(sizes({ chunks: 4, rows: 6 }), [6, 5, 0, 0]);
    assert.deepEqual(sizes({ chunks: 2, rows: 3 }), [6, 5]);
  });

  it('is planned for the batch with the most labels', () => {
    const plan = (batchSize: number): BatchPlan =>
      new BatchPlan({ examples: 3, batchSize, accumulation: 2, length: { epochs: 2 }, shuffle: false, seed: 0 });
    assert.equal(mostLabels(plan(1), examples), 7);
    // Of the order 0, 1, 2, 0, 1, 2 the second pair.
    assert.equal(mostLabels(plan(2), examples), 10);
  });
});
