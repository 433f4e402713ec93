import assert from 'node:assert/strict';
import { assertFinite, BrokenArm, firstNonFinite } from '../../../server/protocol/finite.ts';

describe('firstNonFinite', () => {
  it('finds nothing among finite numbers, the largest and the smallest of them too', () => {
    assert.equal(firstNonFinite(Float32Array.of(0, -0, 3.4e38, -3.4e38, 1e-45)), -1);
    assert.equal(firstNonFinite([]), -1);
  });

  for (const bad of [NaN, Infinity, -Infinity]) {
    it(`finds ${bad}, wherever it stands`, () => {
      assert.equal(firstNonFinite([bad, 1, 2]), 0);
      assert.equal(firstNonFinite([1, 2, bad]), 2);
      assert.equal(firstNonFinite(Float32Array.of(1, bad, NaN)), 1);
    });
  }
});

describe('assertFinite', () => {
  it('names the arm, the thing and the place of the first value that is not finite', () => {
    const places = (i: number) => ({ arm: `r${i}`, place: `prompt ${i}` });
    assert.throws(
      () => assertFinite('a logit', [1, 2, NaN, Infinity], places),
      (error) =>
        error instanceof BrokenArm &&
        error.arm === 'r2' &&
        error.code === 'diverged' &&
        error.message.startsWith('arm r2: a logit is not finite (prompt 2). Train it at a lower learning rate'),
    );
    assertFinite('a logit', [1, 2], places);
  });

  it('takes the base model for the fault of its file, not of a training', () => {
    const error = new BrokenArm('base', 'a logit');
    assert.equal(error.code, 'model');
    assert.match(error.message, /^the base model: a logit is not finite\. Its weights are damaged/);
  });
});
