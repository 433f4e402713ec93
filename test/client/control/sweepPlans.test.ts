import assert from 'node:assert/strict';
import { hopelessPlan, keepPlan } from '../../../client/control/sweepPlans.ts';
import type { Keeper } from '../../../client/host/startingSweeps.ts';

function memento(): Keeper {
  const kept = new Map<string, unknown>();
  return {
    get: <T>(key: string, otherwise: T): T => (kept.has(key) ? (kept.get(key) as T) : otherwise),
    update: (key, value) => Promise.resolve(void kept.set(key, value)),
  };
}

describe('the plan of a sweep file', () => {
  const hopeless = { answer: 'This sweep cannot answer.', canAnswer: false };

  it('is told again of the same file with the same text alone', async () => {
    const keeper = memento();
    await keepPlan(keeper, '/a.sweep.json', '{1}', hopeless);
    await keepPlan(keeper, '/b.sweep.json', '{1}', { answer: 'In 80 % of such sweeps.', canAnswer: true });
    assert.equal(hopelessPlan(keeper, '/a.sweep.json', '{1}'), 'This sweep cannot answer.');
    assert.equal(hopelessPlan(keeper, '/a.sweep.json', '{2}'), undefined, 'the file was changed');
    assert.equal(hopelessPlan(keeper, '/b.sweep.json', '{1}'), undefined, 'that one can answer');
    assert.equal(hopelessPlan(keeper, '/c.sweep.json', '{1}'), undefined, 'nobody planned that one');
  });

  it('takes the place of an earlier one, and old ones are forgotten', async () => {
    const keeper = memento();
    await keepPlan(keeper, '/a', 't', hopeless);
    await keepPlan(keeper, '/a', 't', { ...hopeless, canAnswer: true });
    assert.equal(hopelessPlan(keeper, '/a', 't'), undefined);
    await keepPlan(keeper, '/old', 't', hopeless);
    for (let i = 0; i < 50; i++) await keepPlan(keeper, `/${i}`, 't', hopeless);
    assert.equal(hopelessPlan(keeper, '/old', 't'), undefined);
    assert.equal(hopelessPlan(keeper, '/49', 't'), 'This sweep cannot answer.');
  });
});
