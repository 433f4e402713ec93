import assert from 'node:assert/strict';
import { forestChart } from '../../../../server/report/figures/forestChart.ts';
import { htmlString } from '../../../../server/report/tables/htmlText.ts';
import type { Forest } from '../../../../server/protocol/run/runVerdict.ts';

const forest: Forest = {
  title: 'Smallest <rank>',
  caption: 'Share kept.',
  left: 0,
  right: 1,
  ticks: [{ at: 0.25, text: '25 %' }],
  places: [{ at: 1, text: 'as the base' }],
  limit: { at: 0.5, text: 'limit: 50 %' },
  rows: [
    { label: 'r2', kind: 'rank', estimate: 0.9, lower: 0.6, verdict: 'unsafe', word: 'unsafe' },
    { label: 'r8', kind: 'rank', estimate: 0.25, lower: 0, upper: 0.4, verdict: 'safe', word: 'safe' },
    { label: 'a<b', kind: 'group', estimate: 0.3, verdict: 'safe on average', word: 'group' },
  ],
};

describe('forestChart', () => {
  const drawn = htmlString(forestChart(forest));
  // The axis runs from 84 to 470.
  const x = (value: number) => String(Number((84 + value * 386).toFixed(2)));

  it('draws the limit and what is allowed where the axis says', () => {
    assert.ok(drawn.includes(`class="forest-limit" d="M${x(0.5)} 58V`));
    assert.match(drawn, /class="forest-allowed"\s+x="84"\s+y="58"\s+width="193"/);
  });

  it('tells verdicts apart by shape and word', () => {
    assert.match(drawn, new RegExp(`<circle class="forest-full" cx="${x(0.25)}"`));
    assert.match(drawn, /class="forest-cross"/);
    assert.match(drawn, new RegExp(`<circle class="forest-open" cx="${x(0.3)}"`));
    assert.match(drawn, />unsafe</);
  });

  it('draws bars from bound to bound, and an arrow where there is none', () => {
    assert.ok(drawn.includes(`H${x(0.4)}`));
    assert.ok(drawn.includes(`M${x(0.6)} `));
    assert.equal(drawn.match(/forest-arrow/g)?.length, 1);
  });

  it('escapes what it writes', () => {
    assert.ok(!drawn.includes('<rank>') && !drawn.includes('a<b'));
  });
});
