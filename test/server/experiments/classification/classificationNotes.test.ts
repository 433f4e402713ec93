import assert from 'node:assert/strict';
import { armKinds, gapReferences } from '../../../../server/experiments/classification/classificationKinds.ts';
import {
  classificationNotes,
  type NotedClassification,
} from '../../../../server/experiments/classification/classificationNotes.ts';
import type { ClassificationSummary } from '../../../../server/protocol/run/classificationRun.ts';
import { sweepFileSchema } from '../../../../server/protocol/sweep/experiments.ts';

const sweep = (over: object = {}) => {
  const parsed = sweepFileSchema.parse({
    experiment: 'classification',
    model: 'm',
    data: { train: { file: 't' } },
    arms: { ranks: [2], seeds: [0, 1, 2], learningRate: { lora: 1e-3, full: 1e-4 } },
    training: { steps: 500 },
    evaluation: { maxNewTokens: 6 },
    ...over,
  });
  return parsed.experiment === 'classification' ? parsed : assert.fail(parsed.experiment);
};
const summary: ClassificationSummary = {
  ...{ labels: ['negative', 'positive'], groups: ['women', 'men'], minority: 'women', kinds: [] },
  test: [
    { group: 'women', n: 100 },
    { group: 'men', n: 300 },
  ],
  training: [
    {
      minority: 1,
      counts: [
        { group: 'women', n: 80 },
        { group: 'men', n: 90 },
      ],
    },
    {
      minority: 0.125,
      counts: [
        { group: 'women', n: 10 },
        { group: 'men', n: 90 },
      ],
    },
  ],
};
const text = { text: 'x', label: 0, group: 'women' };
const data = (training: number, test: number) =>
  ({
    training: new Array(training).fill(text),
    test: new Array(test).fill(text),
    tune: [],
    groups: ['women', 'men'],
  }) as NotedClassification['data'];
const notes = (over: Partial<NotedClassification> = {}) =>
  classificationNotes({ sweep: sweep(), arms: [], summary, data: data(170, 400), tuning: [], ...over });

describe('the notes of a classification run', () => {
  it('say what was trained and tested on, at each share of the minority', () => {
    assert.deepEqual(notes(), [
      'Trained on 80 women, 90 men at 100 %; 10 women, 90 men at 12.5 % of the minority (women). Tested on 400 examples: 100 women, 300 men.',
      'The test examples are the same at every share of the minority; only training examples are made rarer.',
    ]);
  });

  it('say it of a run without a minority, or with one share of it', () => {
    const { minority, ...rest } = summary;
    const [all] = rest.training;
    const counts = all?.counts ?? [];
    assert.equal(minority, 'women');
    assert.deepEqual(notes({ summary: { ...rest, training: [{ counts }] } }), [
      'Trained on 80 women, 90 men. Tested on 400 examples: 100 women, 300 men.',
    ]);
    assert.equal(notes({ summary: { ...summary, training: summary.training.slice(0, 1) } }).length, 1);
  });

  it('warn of groups with fewer than a hundred test examples, and of those with none', () => {
    const test = ['a', 'b', 'c', 'd'].map((group, i) => ({ group, n: [99, 100, 1, 0][i] ?? 0 }));
    assert.deepEqual(notes({ summary: { ...summary, test } }).slice(1, 3), [
      'Few test examples of a, c: see the intervals.',
      'No test example belongs to d: what compares groups is not defined.',
    ]);
  });

  it('warn of few seeds and of one rate for all', () => {
    const arms = (['lora', 'full'] as const).map((method) => ({
      id: method,
      method,
      seed: 0,
      trainableParameters: 1,
      learningRate: 1e-4,
    }));
    const [seeds = '', rates = ''] = notes({ sweep: sweep({ arms: { ranks: [2], seeds: [0] } }), arms });
    assert.match(seeds, /^One seed/);
    assert.match(rates, /^All arms share the learning rate 0\.0001\./);
  });

  it('tell of a length that moves no arm, by the five epochs of a sweep that names none', () => {
    const few = sweep({ training: { batchSize: 16, gradientAccumulation: 1 } });
    assert.deepEqual(notes({ sweep: few, data: data(26, 400) }).slice(0, 1), [
      'The plan takes 9 optimiser steps here (26 examples at 16 x 1 a step): that hardly moves any arm.',
    ]);
    assert.match(notes({ sweep: few, data: data(32, 400) })[0] ?? '', /^Trained on/);
  });

  it('count answers without a label and with several, of the kinds that gave any', () => {
    const kind = (name: string, answers?: { none: number; several: number; n: number }) => ({
      ...{ name, method: 'base' as const, arms: [name] },
      result: {
        rules: [
          {
            rule: 'completion' as const,
            ...{
              accuracy: { value: 1 },
              groups: [],
              accuracyParity: { value: 1 },
              worstGroupError: { value: 1 },
              biasGaps: [],
            },
            ...(answers && { answers }),
          },
        ],
        ...{ calibration: [], margins: [] },
      },
    });
    const kinds = [
      kind('base', { none: 7, several: 0, n: 400 }),
      kind('r2', { none: 0, several: 0, n: 400 }),
      kind('r8', { none: 0, several: 3, n: 399 }),
      kind('full'),
    ];
    assert.equal(
      notes({ summary: { ...summary, kinds } }).at(-1),
      'Answers of 6 tokens that contain no label, which count as wrong, and that contain several, which count as right where one ' +
        "is the example's (the paper's rule): base 7 and 0 of 400; r8 0 and 3 of 399.",
    );
  });
});

describe('the kinds of arms', () => {
  const arm = (id: string, method: 'base' | 'lora' | 'full', seed: number, minority?: number) => ({
    ...{ id, method, seed, trainableParameters: 1 },
    ...(minority !== undefined && { minority }),
  });
  const arms = [
    ...[
      arm('base', 'base', 0),
      arm('r2-s0-m10', 'lora', 0, 0.1),
      arm('r2-s1-m10', 'lora', 1, 0.1),
      arm('r2-s0', 'lora', 0, 1),
    ],
    ...[arm('full-s1-m10', 'full', 1, 0.1), arm('full-s0-m10', 'full', 0, 0.1), arm('full-s0', 'full', 0, 1)],
  ];
  const kinds = armKinds(arms);
  /** Of every arm a prediction that tells whose it is. */
  const predictions = new Map(arms.map(({ id }, i) => [id, [{ logProbabilities: [-i, -1] }]]));
  const kindOf = (name: string) => kinds.find((kind) => kind.name === name) ?? assert.fail(name);

  it('are arms that differ in their seed alone', () => {
    assert.deepEqual(
      kinds.map(({ name, arms: own }) => `${name}: ${own.map(({ id }) => id).join(' ')}`),
      ['base: base', 'r2-m10: r2-s0-m10 r2-s1-m10', 'r2: r2-s0', 'full-m10: full-s1-m10 full-s0-m10', 'full: full-s0'],
    );
  });

  it('are compared with full fine-tuning on the same examples, seed by seed', () => {
    const read = (name: string) =>
      gapReferences(kindOf(name), kinds, predictions).map((reference) => [
        reference.name,
        ...reference.pairs.map(({ own, full }) => [own[0]?.logProbabilities[0], full[0]?.logProbabilities[0]]),
      ]);
    assert.deepEqual(read('r2-m10'), [['full-m10', [-1, -5], [-2, -4]]]);
    assert.deepEqual(read('r2'), [['full', [-3, -6]]]);
    assert.deepEqual(read('full'), []);
    assert.deepEqual(read('base'), []);
  });

  it('are compared over the seeds that have a result on both sides', () => {
    const some = new Map([...predictions].filter(([id]) => id !== 'full-s0-m10'));
    const [only, ...none] = gapReferences(kindOf('r2-m10'), kinds, some);
    assert.equal(only?.pairs.length, 1);
    assert.deepEqual(none, []);
    some.delete('r2-s1-m10');
    assert.deepEqual(gapReferences(kindOf('r2-m10'), kinds, some), []);
  });
});
