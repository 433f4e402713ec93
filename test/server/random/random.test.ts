import assert from 'node:assert/strict';
import { createRandom, normal, permutation } from '../../../server/random/random.ts';

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

describe('streams of a seed', () => {
  /** The first two numbers of a stream: 64 bits, so that a repetition is not chance. */
  const head = (seed: number, ...path: readonly number[]): string => {
    const random = createRandom(seed, ...path);
    return `${random.next()} ${random.next()}`;
  };

  it('are the same for the same path', () => assert.equal(head(5, 1, 2), head(5, 1, 2)));

  it('differ between the paths of a seed and between seeds', () => {
    const heads = new Set<string>();
    for (let seed = 0; seed < 16; seed++) {
      for (let prompt = 0; prompt < 200; prompt++)
        for (let sample = 0; sample < 4; sample++) heads.add(head(seed, prompt, sample));
    }
    assert.equal(heads.size, 16 * 200 * 4);
  });

  it('tell the order and the length of a path', () => {
    assert.notEqual(head(1, 2, 3), head(1, 3, 2));
    assert.notEqual(head(1), head(1, 0));
    assert.notEqual(head(1, 0), head(1, 0, 0));
  });
});
