import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CurveFeed } from '../../../../../server/lsp/runs/history/curveFeed.ts';
import { CurveHistory } from '../../../../../server/lsp/runs/history/curveHistory.ts';

/** The points of a panel, which replaces or appends points as each update says. */
function panel(curve: CurveHistory, budget: number) {
  const feed = new CurveFeed(curve, [curve.columns.get('loss')!], budget);
  let held: number[] = [];
  return {
    update: () => {
      const news = feed.next();
      if (!news) return false;
      const steps = news.places.map((place) => curve.step.values[place] ?? NaN);
      held = news.replace ? steps : [...held, ...steps];
      return true;
    },
    held: () => held,
  };
}

describe('CurveFeed', () => {
  it('shows any growth and any step back as ascending steps to the latest, within twice the budget', () => {
    const moves = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('grow' as const), by: fc.integer({ min: 1, max: 120 }) }),
        fc.record({ kind: fc.constant('back' as const), by: fc.integer({ min: 1, max: 80 }) }),
        fc.record({ kind: fc.constant('look' as const), by: fc.constant(0) }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(moves, fc.integer({ min: 10, max: 60 }), (all, budget) => {
        const curve = new CurveHistory(['loss']);
        const shown = panel(curve, budget);
        let step = 0;
        for (const { kind, by } of [...all, { kind: 'look' as const, by: 0 }]) {
          if (kind === 'grow') for (let i = 0; i < by; i++) curve.push(++step, { loss: Math.sin(step) });
          if (kind === 'back') step = Math.max(0, step - by);
          if (kind !== 'look') continue;
          shown.update();
          const held = shown.held();
          assert.ok(held.length <= 2 * budget);
          assert.ok(held.every((one, i) => i === 0 || one > (held[i - 1] ?? 0)));
          assert.equal(held.at(-1), curve.step.last);
        }
      }),
    );
  });

  it('says nothing while nothing is new, and thins anew once too much has gathered', () => {
    const curve = new CurveHistory(['loss']);
    const feed = new CurveFeed(curve, [curve.columns.get('loss')!], 10);
    assert.deepEqual(feed.next(), { replace: true, places: [] });
    assert.equal(feed.next(), undefined);
    const replaced: number[] = [];
    for (let step = 1; step <= 100; step++) {
      curve.push(step, { loss: step });
      if (feed.next()?.replace) replaced.push(step);
    }
    // From at most 10 points, another 11 or more come before the next time.
    assert.equal(replaced[0], 21);
    assert.ok(replaced.every((step, i) => i === 0 || step - (replaced[i - 1] ?? 0) > 10));
  });
});
