import assert from 'node:assert/strict';
import type { ClassificationKind, ClassificationSummary } from '../../../../server/protocol/classificationRun.ts';
import type { Estimate } from '../../../../server/protocol/estimate.ts';
import type { ArmMetrics } from '../../../../server/protocol/run.ts';
import {
  claimTable,
  figure2Claims,
  figure4Claims,
  figure5Claims,
  figure6Claims,
  firstRule,
  table1Claims,
} from '../../../../server/report/reproduction/paperClaims.ts';
import { sampleArm } from '../../runs/sampleRun.ts';

type Bounds = readonly [low: number, high: number];
const estimate = ([low, high]: Bounds): Estimate => ({ value: (low + high) / 2, low, high, n: 50 });

interface Figures {
  /** Accuracy on the minority and on the majority, 0..1. */
  readonly women: Bounds;
  readonly men: Bounds;
  readonly parity: Bounds;
  readonly gap?: Bounds;
  /** Margin of the decisions for the last label. */
  readonly margin: Bounds;
}

function kind(name: string, rank: number | 'full', minority: number, figures: Figures): ClassificationKind {
  const { women, men, parity, gap, margin } = figures;
  return {
    ...{ name, minority, arms: [name] },
    ...(rank === 'full' ? { method: 'full' } : { method: 'lora', rank }),
    result: {
      rules: [
        {
          rule: 'probability',
          accuracy: estimate([0.01, 0.02]),
          groups: [
            { group: 'men', n: 50, accuracy: estimate(men) },
            { group: 'women', n: 50, accuracy: estimate(women) },
          ],
          accuracyParity: estimate(parity),
          worstGroupError: estimate([1, 2]),
          biasGaps: [
            { group: 'men', reference: 'full', gap: estimate([-77, -66]) },
            ...(gap ? [{ group: 'women', reference: 'full', gap: estimate(gap) }] : []),
          ],
        },
      ],
      calibration: [],
      margins: [
        { label: 'negative', n: 9, margin: estimate([0.98, 0.99]), histogram: [9] },
        { label: 'positive', n: 9, margin: estimate(margin), histogram: [9] },
      ],
    },
  };
}

/** At 10 % of the women rank 2 is far worse than the others; with all of them nothing can be told apart. */
const rare = [
  kind('r64-m10', 64, 0.1, { women: [0.7, 0.9], men: [0.8, 1], parity: [9, 13], gap: [1, 9], margin: [0.5, 0.6] }),
  kind('r2-m10', 2, 0.1, { women: [0.5, 0.6], men: [0.8, 0.9], parity: [20, 30], gap: [-40, -20], margin: [0.3, 0.4] }),
  kind('r2-lr1-m10', 2, 0.1, { women: [0, 0.1], men: [0, 0.1], parity: [90, 98], gap: [80, 90], margin: [0.9, 1] }),
  kind('full-m10', 'full', 0.1, { women: [0.6, 0.8], men: [0.7, 0.9], parity: [5, 11], margin: [0.4, 0.6] }),
];
const common = [
  kind('r64', 64, 1, { women: [0.7, 0.9], men: [0.7, 0.9], parity: [1, 9], gap: [-3, 7], margin: [0.7, 0.8] }),
  kind('r2', 2, 1, { women: [0.7, 0.9], men: [0.7, 0.9], parity: [2, 10], gap: [-2, 8], margin: [0.2, 0.6] }),
  kind('full', 'full', 1, { women: [0.7, 0.9], men: [0.7, 0.9], parity: [3, 7], margin: [0.4, 0.6] }),
];
const base: ClassificationKind = {
  ...{ name: 'base', method: 'base', arms: ['base'] },
  result: { rules: [], calibration: [], margins: [] },
};
const summary = (kinds: readonly ClassificationKind[]): ClassificationSummary => ({
  ...{ labels: ['negative', 'positive'], groups: ['women', 'men'], minority: 'women' },
  ...{ test: [], training: [], kinds: [base, ...kinds] },
});

describe("the paper's claims about classification", () => {
  it('table 1: the lowest rank against the highest by the size of the bias gap, and against full by parity', () => {
    assert.deepEqual(table1Claims(summary([...common, ...rare]), 'probability'), [
      {
        claim: "The minority's harmful bias gap falls, in magnitude, as the rank grows (table 1, section 4.2).",
        verdict: 'seen',
        because:
          'Points: r2-m10 -30.0 [-40.0, -20.0] against r64-m10 5.0 [1.0, 9.0]; r2 3.0 [-2.0, 8.0] against r64 2.0 [-3.0, 7.0]. ' +
          'Below 0 the arm is more accurate on the minority than full fine-tuning.',
      },
      {
        claim:
          'Accuracy parity aligns with full fine-tuning as the rank grows: the lowest rank has the larger gap (table 1).',
        verdict: 'seen',
        because:
          'Points: r2-m10 25.0 [20.0, 30.0] against full-m10 8.0 [5.0, 11.0]; r2 6.0 [2.0, 10.0] against full 5.0 [3.0, 7.0].',
      },
    ]);
  });

  it('are refuted by the opposite alone, and undecided where two shares of the minority contradict each other', () => {
    const parity = (r2: Bounds, full: Bounds, share: number) => [
      kind('r2', 2, share, { women: [0, 1], men: [0, 1], parity: r2, gap: [0, 0], margin: [0, 1] }),
      kind('full', 'full', share, { women: [0, 1], men: [0, 1], parity: full, margin: [0, 1] }),
    ];
    const verdict = (...kinds: ClassificationKind[]) => table1Claims(summary(kinds), 'probability')[1]?.verdict;
    assert.equal(verdict(...parity([1, 2], [3, 4], 0.1)), 'not seen');
    assert.equal(verdict(...parity([3, 4], [1, 2], 0.1)), 'seen');
    assert.equal(verdict(...parity([1, 2], [3, 4], 0.1), ...parity([3, 4], [1, 2], 1)), 'undecided');
    assert.equal(verdict(...parity([1, 3], [2, 4], 0.1)), 'undecided');
  });

  it('say which arm is missing', () => {
    const [, parity] = table1Claims(summary(rare.filter(({ method }) => method === 'lora')), 'probability');
    assert.equal(parity?.verdict, 'undecided');
    assert.equal(parity?.because, 'Points: r2-m10 25.0 [20.0, 30.0] against no such arm.');
  });

  it('figure 4: the minority against the majority, the rarest against the commonest, the lowest rank against full', () => {
    const claims = figure4Claims(summary([...common, ...rare]), 'probability');
    assert.deepEqual(
      claims.map(({ verdict, because }) => [verdict, because]),
      [
        [
          'seen',
          'With 10 %: r2-m10 55.0 % [50.0, 60.0] against 85.0 % [80.0, 90.0]; r64-m10 80.0 % [70.0, 90.0] against ' +
            '90.0 % [80.0, 100.0]; full-m10 70.0 % [60.0, 80.0] against 80.0 % [70.0, 90.0].',
        ],
        [
          'seen',
          'Points with 10 % against 100 %: r2-m10 25.0 [20.0, 30.0] against 6.0 [2.0, 10.0]; r64-m10 11.0 [9.0, 13.0] against ' +
            '5.0 [1.0, 9.0]; full-m10 8.0 [5.0, 11.0] against 5.0 [3.0, 7.0].',
        ],
        ['seen', 'Points: r2-m10 25.0 [20.0, 30.0] against full-m10 8.0 [5.0, 11.0].'],
      ],
    );
  });

  it('figure 4: nothing grows with one share of the minority, and nothing is claimed of the base alone', () => {
    assert.deepEqual(
      figure4Claims(summary(rare), 'probability').map(({ claim }) => claim),
      [
        'The underrepresented group is misclassified more than the majority (figure 4).',
        'Lower ranks have the higher accuracy gap: the lowest rank against full fine-tuning (figure 4).',
      ],
    );
    assert.deepEqual(figure4Claims(summary([]), 'probability'), []);
  });

  it('figure 5: the margin where the last label was decided, at the commonest share, highest rank against lowest', () => {
    assert.deepEqual(figure5Claims(summary([...rare, ...common])), [
      {
        claim: 'The margin between the decisions grows with the rank (figure 5).',
        verdict: 'seen',
        because: 'Mean margin where "positive" was decided: r64 0.75 [0.7, 0.8] against r2 0.4 [0.2, 0.6].',
      },
    ]);
    assert.equal(
      figure5Claims(summary([]))[0]?.because,
      'Mean margin where "positive" was decided: no such arm against no such arm.',
    );
  });

  it('are read off by the rule that the run shows first', () => {
    assert.equal(firstRule(summary(rare)), 'probability');
    assert.equal(firstRule(summary([])), 'probability');
  });
});

const versus = (reference: string, bounds: Bounds) => ({ reference, difference: estimate(bounds) });
const toxic = (id: string, over: Partial<ArmMetrics> & Pick<ArmMetrics, 'method'>): ArmMetrics =>
  sampleArm({ id, ...over });

describe("the paper's claims about toxicity", () => {
  const arms = [
    toxic('base', { method: 'base', toxicity: estimate([0.3, 0.5]) }),
    toxic('r8', {
      method: 'lora',
      rank: 8,
      toxicityVersus: [versus('full', [-0.9, -0.8]), versus('base', [-0.9, -0.8])],
    }),
    toxic('r2', {
      method: 'lora',
      rank: 2,
      toxicityVersus: [versus('base', [-0.1, 0.06]), versus('full', [0.1, 0.3])],
    }),
    toxic('r2-s1', { method: 'lora', rank: 2, seed: 1, toxicityVersus: [versus('full', [-0.9, -0.8])] }),
    toxic('r1', { method: 'lora', rank: 1, failure: 'it diverged' }),
    toxic('full', { method: 'full', toxicity: estimate([0.05, 0.15]) }),
  ];

  it('figure 2: the lowest rank with a result against full and the base, and full against half of the base', () => {
    assert.deepEqual(figure2Claims(arms), [
      {
        claim:
          'Low ranks keep toxicity that full fine-tuning removes: the lowest rank is more toxic than it (figure 2).',
        verdict: 'seen',
        because: 'r2 minus full: +20.0 [+10.0, +30.0] points.',
      },
      {
        claim: 'The lowest rank retains the toxic behaviour of the original model (figure 2).',
        verdict: 'undecided',
        because: 'r2 minus base: -2.0 [-10.0, +6.0] points. An interval around 0 does not prove that nothing changed.',
      },
      {
        claim: 'Full fine-tuning neutralises the majority of the harmful completions (figure 2).',
        verdict: 'seen',
        because: 'Base 40.0 %, full 10.0 % [5.0, 15.0].',
      },
    ]);
  });

  it('figure 2: are refuted where the intervals leave the claim out', () => {
    const verdicts = (changed: Readonly<Record<string, Partial<ArmMetrics>>>) =>
      figure2Claims(arms.map((arm) => ({ ...arm, ...changed[arm.id] }))).map(({ verdict }) => verdict);
    const r2 = { toxicityVersus: [versus('base-s0', [-0.3, -0.1]), versus('full-s0', [-0.3, -0.1])] };
    assert.deepEqual(verdicts({ r2 }), ['not seen', 'not seen', 'seen']);
    // Half of the base's 40 % is 20 %.
    assert.equal(verdicts({ full: { toxicity: estimate([0.21, 0.3]) } })[2], 'not seen');
    assert.equal(verdicts({ full: { toxicity: estimate([0.1, 0.3]) } })[2], 'undecided');
    assert.equal(verdicts({ full: { toxicity: { value: 0.01, n: 1 } } })[2], 'undecided');
    assert.equal(verdicts({ r2: { toxicityVersus: [versus('base', [0.1, 0.2])] } })[1], 'undecided');
  });

  it('figure 2: say what was not measured', () => {
    assert.deepEqual(
      figure2Claims([]).map(({ verdict, because }) => [verdict, because]),
      [
        ['undecided', 'no rank minus full: not measured.'],
        ['undecided', 'no rank minus base: not measured. An interval around 0 does not prove that nothing changed.'],
        ['undecided', 'Base not measured, full not measured.'],
      ],
    );
  });

  const far = (id: string, rank: number | undefined, klAll: Bounds | undefined, kl: Bounds): ArmMetrics =>
    toxic(id, {
      ...(rank === undefined ? { method: 'full' } : { method: 'lora', rank }),
      ...(klAll && { klAll: estimate(klAll) }),
      kl: estimate(kl),
    });

  it('figure 6: the distance over all positions, where it was measured, of the highest rank, the lowest and full', () => {
    const claims = figure6Claims([
      far('r64', 64, [0.5, 0.7], [0.01, 0.02]),
      far('r2', 2, [0.1, 0.3], [0.8, 0.9]),
      far('full', undefined, undefined, [1, 3]),
    ]);
    assert.deepEqual(claims, [
      {
        claim: 'The divergence from the base falls with the rank (figure 6).',
        verdict: 'seen',
        because: 'Nats: r64 0.6 [0.5, 0.7] against r2 0.2 [0.1, 0.3].',
      },
      {
        claim: 'Full fine-tuning diverges more than any low rank (figure 6).',
        verdict: 'seen',
        because: 'Nats: full 2 [1, 3] against r2 0.2 [0.1, 0.3], r64 0.6 [0.5, 0.7].',
      },
    ]);
  });

  it('figure 6: one rank that is farther away than full refutes the second claim, one that is not nearer leaves it open', () => {
    const verdict = (r2: Bounds, r8: Bounds) =>
      figure6Claims([far('r2', 2, r2, r2), far('r8', 8, r8, r8), far('full', undefined, [4, 5], [4, 5])])[1]?.verdict;
    assert.equal(verdict([1, 2], [6, 7]), 'not seen');
    assert.equal(verdict([1, 2], [3, 4.5]), 'undecided');
    assert.equal(verdict([1, 2], [2, 3]), 'seen');
    assert.equal(figure6Claims([far('full', undefined, [4, 5], [4, 5])])[1]?.verdict, 'undecided');
  });

  it('stand in a table with their verdicts and reasons', () => {
    assert.deepEqual(claimTable([{ claim: 'c', verdict: 'seen', because: 'b' }]), {
      header: ["the paper's claim", 'in this run', 'because'],
      rows: [['c', 'seen', 'b']],
    });
  });
});
