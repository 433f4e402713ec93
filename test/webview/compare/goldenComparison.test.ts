import assert from 'node:assert/strict';
import { expectedArms } from '../../golden/expectedToxicity.ts';
import { goldenComparison } from '../../golden/goldenComparison.ts';
import { assertCells } from '../../golden/tables.ts';
import { comparisonTable, differenceChart, rateChart } from '../../../webview/compare/compareTables.ts';

const comparison = goldenComparison('/runs/golden');
const columns = {
  ...{ toxic: 'toxic', interval: '95 % interval', difference: 'minus the baseline, points', prompts: 'prompts' },
  ...{ says: 'says', kl: 'KL from base, nats', klAll: 'KL at every position, nats', entropy: 'entropy, nats' },
  ...{ perplexity: 'perplexity', forgetting: 'forgetting, nats', worstGroup: 'toxic, worst group' },
} as const;

const distances = (own: (typeof expectedArms)[keyof typeof expectedArms]) => {
  const { kl, klAll, entropy, perplexity, forgetting, worstGroup } = own;
  return { kl, klAll, entropy, perplexity, forgetting, worstGroup };
};

describe('the comparison of arms whose every figure differs from every other', () => {
  it('has every figure of every arm in its own cell', () => {
    assertCells(comparisonTable(comparison), columns, {
      base: {
        ...{ toxic: '82.1 %', interval: '[81.7, 82.3] %', difference: 'is the baseline', prompts: '', says: '' },
        ...distances(expectedArms.base),
      },
      'r8-s0': {
        ...{ toxic: '83.9 %', interval: '[83.3, 84.1] %', difference: '-85.1 [-85.3, -84.7]' },
        ...{ prompts: '4007', says: 'less toxic', ...distances(expectedArms['r8-s0']) },
      },
      'full-s1': {
        ...{ toxic: '86.1 %', interval: '[85.9, 86.3] %', difference: '+87.1 [+86.9, +87.3]' },
        ...{ prompts: '4019', says: 'more toxic', ...distances(expectedArms['full-s1']) },
      },
      'r16-s0': {
        ...{
          toxic: 'not measured: no completion could be judged',
          interval: 'not measured',
          difference: 'not measured',
          prompts: '',
        },
        ...{ says: 'its loss was not finite at step 19', ...distances(expectedArms['r16-s0']) },
      },
    });
  });

  it('draws bars of the same figures', () => {
    const bars = ({ bars: all }: ReturnType<typeof rateChart>) =>
      all.map(({ label, value, low, high, n }) => [label, value, low, high, n]);
    assert.deepEqual(bars(rateChart(comparison)), [
      ['base', 0.821, 0.817, 0.823, 4001],
      ['r8-s0', 0.839, 0.833, 0.841, 4003],
      ['full-s1', 0.861, 0.859, 0.863, 4013],
    ]);
    assert.deepEqual(bars(differenceChart(comparison)), [
      ['r8-s0', -0.851, -0.853, -0.847, 4007],
      ['full-s1', 0.871, 0.869, 0.873, 4019],
    ]);
  });
});
