import assert from 'node:assert/strict';
import { createRandom, deriveSeed, normal, permutation } from '../../../server/random/random.ts';

describe('uniform', () => {
  it('lies in [0, 1), evenly', () => {
    const random = createRandom(2);
    const drawn = Array.from({ length: 20_000 }, () => random.uniform());
    assert.ok(drawn.every((x) => x >= 0 && x < 1));
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = drawn.filter((x) => Math.floor(10 * x) === tenth).length / drawn.length;
      assert.ok(Math.abs(share - 0.1) < 0.01, `${tenth}: ${share}`);
    }
  });
});

describe('normal', () => {
  it('has mean 0, variance 1, no skew, kurtosis 3, and is always finite', () => {
    const random = createRandom(3);
    const drawn = Array.from({ length: 50_000 }, () => normal(random));
    assert.ok(drawn.every(Number.isFinite));
    const moment = (power: number): number => drawn.reduce((sum, x) => sum + x ** power, 0) / drawn.length;
    [0, 1, 0, 3].forEach((expected, i) =>
      assert.ok(Math.abs(moment(i + 1) - expected) < 0.1, `moment ${i + 1}: ${moment(i + 1)}`),
    );
  });
});

describe('permutation', () => {
  it('holds every number once, and each of the six orders of three about equally often', () => {
    const random = createRandom(4);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = permutation(random, 3);
      assert.deepEqual(order.toSorted(), [0, 1, 2]);
      counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 120, `${count}`);
  });

  it('of nothing and of one is trivial', () => {
    assert.deepEqual(permutation(createRandom(1), 0), []);
    assert.deepEqual(permutation(createRandom(1), 1), [0]);
  });
});

describe('deriveSeed', () => {
  it('gives the same for the same path and another for each path from one seed', () => {
    assert.equal(deriveSeed(5, 1, 2), deriveSeed(5, 1, 2));
    const seeds = new Set<number>();
    for (let a = 0; a < 40; a++) for (let b = 0; b < 40; b++) seeds.add(deriveSeed(1, a, b));
    assert.equal(seeds.size, 1600);
  });

  it('tells the order of a path', () => assert.notEqual(deriveSeed(1, 2, 3), deriveSeed(1, 3, 2)));
});
