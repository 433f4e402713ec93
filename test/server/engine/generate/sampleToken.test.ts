import assert from 'node:assert/strict';
import { bestToken, sampleToken, type Sampling } from '../../../../server/engine/generate/sampleToken.ts';
import { createRandom } from '../../../../server/random/random.ts';

const PROBABILITIES = [0.1, 0.4, 0.05, 0.3, 0.15];
const logits = Float32Array.from(PROBABILITIES, Math.log);
const everything: Sampling = { temperature: 1, topK: 0, topP: 1 };

/** How often each token is drawn in 20,000 draws. */
function shares(sampling: Sampling): number[] {
  const random = createRandom(9);
  const counts = new Array<number>(PROBABILITIES.length).fill(0);
  for (let i = 0; i < 20_000; i++) {
    const token = sampleToken(logits, sampling, random);
    counts[token] = (counts[token] ?? NaN) + 1 / 20_000;
  }
  return counts;
}

/** Five standard deviations of a share of 20,000 draws are at most 0.018. */
function assertShares(sampling: Sampling, weights: readonly number[]): void {
  const total = weights.reduce((a, b) => a + b);
  const drawn = shares(sampling);
  weights.forEach((weight, token) => {
    const share = drawn[token] ?? NaN;
    if (weight === 0) assert.equal(share, 0, `token ${token}`);
    else assert.ok(Math.abs(share - weight / total) < 0.018, `token ${token}: ${share}`);
  });
}

describe('sampleToken', () => {
  it('draws in proportion to the probabilities', () => {
    assertShares(everything, PROBABILITIES);
  });

  it('sharpens them by the temperature', () => {
    const squares = PROBABILITIES.map((p) => p * p);
    assertShares({ ...everything, temperature: 0.5 }, squares);
  });

  it('keeps the topK likeliest', () => {
    assertShares({ ...everything, topK: 2 }, [0, 0.4, 0, 0.3, 0]);
  });

  it('keeps the fewest tokens whose mass reaches topP', () => {
    assertShares({ ...everything, topP: 0.69 }, [0, 0.4, 0, 0.3, 0]);
    assertShares({ ...everything, topP: 0.71 }, [0, 0.4, 0, 0.3, 0.15]);
    assertShares({ ...everything, topP: 0 }, [0, 1, 0, 0, 0]);
  });

  it('takes topP of what topK left', () => {
    // 0.4 / 0.85 is below 0.5, 0.7 / 0.85 is above.
    assertShares({ temperature: 1, topK: 3, topP: 0.5 }, [0, 0.4, 0, 0.3, 0]);
  });

  it('takes the best at temperature 0, the first of equal ones', () => {
    assert.equal(sampleToken(logits, { ...everything, temperature: 0 }, createRandom(1)), 1);
    assert.equal(bestToken(Float32Array.of(1, 3, 3, 2)), 1);
  });

  it('never draws a token of probability 0', () => {
    const masked = Float32Array.of(-Infinity, 0, -Infinity, 0, -Infinity);
    const random = createRandom(2);
    const drawn = new Set(Array.from({ length: 500 }, () => sampleToken(masked, everything, random)));
    assert.deepEqual([...drawn].sort(), [1, 3]);
  });
});
