import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { lstmTrunk } from '../../../../server/engine/onnxFile/lstmGraph.ts';
import { openOnnxClassifier } from '../../../../server/engine/onnxFile/onnxClassifier.ts';
import { openShortClassifier } from '../../../../server/engine/onnxFile/shortClassifier.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { serialize } from '../../../../server/engine/onnx/serialize.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { tinyLstm, type TinyOptions } from './tinyLstm.ts';

const threads = 1;
const row = (length: number, ...known: number[]) => [...new Array<number>(length - known.length).fill(0), ...known];

describe('ONNX text classifier', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankscope-classifier-'));
    path = join(folder, 'model.onnx');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Scores of the model as it is, and without the padding. */
  async function both(options: TinyOptions, rows: number[][]) {
    await writeFile(path, tinyLstm(options));
    const whole = await openOnnxClassifier(path, { threads });
    const short = await openOnnxClassifier(path, { threads, frontPadding: 0 });
    try {
      return { expected: await whole.run(rows), found: await short.run(rows) };
    } finally {
      await Promise.all([whole.release(), short.release()]);
    }
  }

  const assertClose = (found: readonly Float32Array[], expected: readonly Float32Array[]) => {
    assert.equal(found.length, expected.length);
    found.forEach((scores, i) =>
      scores.forEach((score, j) => assert.ok(Math.abs(score - expected[i]![j]!) < 1e-5, `${score} ${expected[i]![j]}`)),
    );
  };

  const texts = (length: number) => [
    row(length, 7),
    row(length, 3, 9, 4, 29),
    row(length, 0, 0, 5),
    row(length, ...Array.from({ length: length - 1 }, (_, i) => 1 + (i % 29))),
    row(length),
  ];

  for (const [what, options] of [
    ['ordinary gates', {}],
    ['gates of its own', { activations: ['HardSigmoid', 'Tanh', 'Tanh'] }],
    ['a state that never forgets', { forget: 20 }],
    ['a short input', { length: 5 }],
  ] as const) {
    it(`gives the same scores without the padding, with ${what}`, async () => {
      const { expected, found } = await both(options, texts(('length' in options && options.length) || 40));
      assertClose(found, expected);
      assert.ok(new Set(expected.map((scores) => scores[0])).size > 2, 'the scores tell texts apart');
    });
  }

  it('really leaves the padding out', async () => {
    const bytes = tinyLstm();
    const trunk = lstmTrunk(fromBinary(ModelProtoSchema, bytes).graph!);
    assert.deepEqual([trunk?.length, trunk?.hidden, trunk?.head.length], [40, 5, 2]);
    await writeFile(path, bytes);
    const whole = await openOnnxClassifier(path, { threads });
    const scores = async (ids: readonly (readonly number[])[]) =>
      Float32Array.from((await whole.run(ids)).flatMap((one) => [...one]));
    const short = await openShortClassifier(bytes, 0, scores, { threads });
    assert.ok(short);
    assert.deepEqual(
      [short.takes([row(40, 1)]), short.takes([row(40, 1), new Array<number>(40).fill(2)])],
      [true, false],
    );
    await Promise.all([short.release(), whole.release()]);
  });

  it('is not shortened where it gives other scores than the model', async () => {
    const wrong = (ids: readonly unknown[]) => Promise.resolve(new Float32Array(2 * ids.length));
    assert.equal(await openShortClassifier(tinyLstm(), 0, wrong, { threads }), undefined);
  });

  it('gives a text without padding the scores of the model itself', async () => {
    const { expected, found } = await both({}, [Array.from({ length: 40 }, (_, i) => 1 + (i % 29)), row(40, 3)]);
    assert.deepEqual(found, expected);
  });

  it('refuses a model of several inputs and what is no model', async () => {
    const graph = new Graph();
    const sum = new Emit(graph).Add(graph.input('a', 'float32', ['N']), graph.input('b', 'float32', ['N']));
    graph.output('scores', sum);
    await writeFile(path, serialize(graph));
    const isModel = (error: unknown) => error instanceof RankscopeError && error.message.includes('the inputs a, b');
    await assert.rejects(openOnnxClassifier(path, { threads }), isModel);
    await writeFile(path, 'not a model');
    await assert.rejects(openOnnxClassifier(path, { threads, frontPadding: 0 }), RankscopeError);
    await assert.rejects(openOnnxClassifier(join(folder, 'none.onnx'), { threads }), RankscopeError);
  });
});
