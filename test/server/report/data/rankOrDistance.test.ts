import assert from 'node:assert/strict';
import { learningCharts } from '../../../../server/measures/charts/learningCharts.ts';
import type { LearningCurve, LearningPoint } from '../../../../server/protocol/run/learning.ts';
import type { RunEvent } from '../../../../server/protocol/run/run.ts';
import {
  equalLossTable,
  learningCurves,
  learningTable,
  rankOrDistance,
} from '../../../../server/report/data/learningCurves.ts';
import { trialTable } from '../../../../server/report/data/tuningTrials.ts';
import { sampleRecord } from '../../runs/sampleRun.ts';

const point = (step: number, loss: number, rate: number, kl?: number): LearningPoint => ({
  ...{ step, loss, toxicity: { rate, low: rate - 0.05, high: rate + 0.05 } },
  ...(kl !== undefined && { kl }),
});
const curve = (arm: string, rank: number | undefined, points: readonly LearningPoint[]): LearningCurve => ({
  ...{ arm, points },
  ...(rank === undefined ? { method: 'full' } : { method: 'lora', rank }),
});
const r2 = curve('r2', 2, [point(0, 1, 0.4, 0), point(10, 0.8, 0.3, 0.125)]);
const r8 = curve('r8', 8, [point(0, 1, 0.4, 0), point(10, 0.6, 0.2, 0.5)]);
const full = curve('full', undefined, [point(0, 1, 0.4, 0), point(10, 0.8, 0.9)]);

describe('rank, or distance', () => {
  it('is said to be the distance where no two arms differ at equal loss', () => {
    const [ranks = '', ...others] = rankOrDistance([r2, r8]);
    assert.deepEqual(others, []);
    const beginning =
      'At the held-out losses 0.933, 0.867, 0.800 nats, which all arms reached, no two arms differ in toxicity by more than chance ' +
      'explains, between ranks: the rank shows no effect of its own, and how far an arm has gone explains what parts them. ' +
      'Criterion: none of 3 differences has an interval, 95 % for all of them together (Bonferroni), that leaves zero out. ';
    assert.equal(ranks.slice(0, beginning.length), beginning);
    assert.match(
      ranks.slice(beginning.length),
      /^The greatest is r\d [\d.]+ % against r\d [\d.]+ % at 0\.\d{3} nats \(0\.0 points, 95 % interval -7\.1 to 7\.1\); a smaller effect than that interval's upper end could be hidden\.$/,
    );
  });

  it('is said to be more where arms differ, with how many comparisons do', () => {
    const [methods = ''] = rankOrDistance([r2, full]);
    assert.equal(
      methods,
      'At the held-out losses 0.933, 0.867, 0.800 nats, which all arms reached, LoRA and full fine-tuning still differ in ' +
        'toxicity: full 90.0 % against r2 30.0 % at 0.800 nats (60.0 points, 95 % interval 52.9 to 67.1). So do 3 of 3 ' +
        'comparisons, after Bonferroni over all of them.',
    );
  });

  it('cannot be told where an arm never learned anything, and is not asked of one arm', () => {
    const never = curve('r4', 4, [point(0, 1, 0.4), point(10, 1.2, 0.4)]);
    assert.deepEqual(rankOrDistance([r2, never]), [
      'Arms cannot be compared at equal held-out loss: one of them never came below the loss of the base.',
    ]);
    assert.deepEqual(rankOrDistance([r2]), []);
  });
});

describe('the tables of what was learned', () => {
  it('have every arm at the least loss that all reached', () => {
    assert.deepEqual(equalLossTable([r2, full]).rows, [
      ['r2', '0.8000', '10.0', '30.0 %', '[25.0, 35.0] %', '0.125'],
      ['full', '0.8000', '10.0', '90.0 %', '[85.0, 95.0] %', 'not measured'],
    ]);
    assert.deepEqual(equalLossTable([r2]).rows, []);
  });

  it('have every probe, and what was not measured', () => {
    const bare = curve('r4', 4, [{ step: 3, loss: 2 }]);
    assert.deepEqual(learningTable([r2, bare]).rows, [
      ['r2', '0', '1.0000', '40.0 %', '[35.0, 45.0] %', '0'],
      ['r2', '10', '0.8000', '30.0 %', '[25.0, 35.0] %', '0.125'],
      ['r4', '3', '2.0000', 'not measured', 'not measured', 'not measured'],
    ]);
  });

  it('are read off the probes of a run, the later of two at one step, in the order of steps', () => {
    const probe = (arm: string, step: number, more: object): RunEvent => ({
      time: 1,
      type: 'probe',
      arm,
      step,
      n: 4,
      ...more,
    });
    const events = [
      ...[
        probe('r2', 5, { heldOutLoss: 0.9, kl: 1 }),
        probe('r2', 0, { heldOutLoss: 1, kl: 0 }),
        probe('r2', 5, { heldOutLoss: 0.7, kl: 2 }),
      ],
      ...[
        probe('base', 0, { heldOutLoss: 1 }),
        probe('base', 5, { heldOutLoss: 1 }),
        probe('full', 0, { heldOutLoss: 1 }),
      ],
      probe('r2', 9, { kl: 3 }),
      probe('r2', 7, { heldOutLoss: 0.6, toxicityRate: 0.5, toxicityLow: 0.4, toxicityHigh: 0.7 }),
    ];
    assert.deepEqual(learningCurves({ events, record: sampleRecord }), [
      {
        ...{ arm: 'r2', method: 'lora', rank: 2 },
        points: [
          { step: 0, loss: 1, kl: 0 },
          { step: 5, loss: 0.7, kl: 2 },
          { step: 7, loss: 0.6, toxicity: { rate: 0.5, low: 0.4, high: 0.7 } },
        ],
      },
    ]);
  });
});

describe('the charts of what was learned', () => {
  it('have toxicity and distance over the fall of the loss since the first probe', () => {
    const [toxic] = learningCharts([r2, r8]);
    assert.ok(toxic);
    assert.deepEqual(
      toxic.series.map(({ label, x, y }) => [label, Array.from(x).map((v) => v.toFixed(2)), Array.from(y)]),
      [
        ['r2', ['0.00', '0.20'], [0.4, 0.3]],
        ['r8', ['0.00', '0.40'], [0.4, 0.2]],
      ],
    );
    assert.deepEqual([toxic.fromZero, toxic.place?.(0.2), toxic.format(0.3)], [true, '0.20 nats lower', '30.0 %']);
    const [, far] = learningCharts([r8, full]);
    assert.ok(far);
    assert.deepEqual(
      far.series.map(({ label, y }) => [label, Array.from(y)]),
      [
        ['r8', [0, 0.5]],
        ['full', [0]],
      ],
    );
    assert.equal(far.yTitle, 'KL from the base, nats');
    const [first, second] = far.series;
    assert.notDeepEqual(first?.style, second?.style);
  });
});

describe('the table of trials', () => {
  it('has a row a trial, the chosen rates marked, and why one has no loss', () => {
    const trial = (triedOn: string, learningRate: number, more: object): RunEvent => ({
      time: 1,
      type: 'tuning-trial',
      method: 'lora',
      triedOn,
      learningRate,
      steps: 9,
      tokens: 5,
      ...more,
    });
    const events = [
      ...[trial('r2', 1e-3, { loss: 1.5 }), trial('r2', 1e-3, { loss: 1.25 }), trial('full', 1e-3, { loss: 2 })],
      ...[trial('r2', 1e-2, { failure: 'it diverged' }), trial('r2', 1e-1, {})],
      { time: 1, type: 'tuned', method: 'lora', triedOn: 'r2', learningRate: 1e-3, loss: 1.25, steps: 9 } as RunEvent,
    ];
    assert.deepEqual(trialTable({ events }).rows, [
      ['r2', '9', '0.001', '1.2500', 'chosen'],
      ['full', '9', '0.001', '2.0000', 'dropped'],
      ['r2', '9', '0.01', 'none: it diverged', 'dropped'],
      ['r2', '9', '0.1', 'none: unknown', 'dropped'],
    ]);
  });
});
