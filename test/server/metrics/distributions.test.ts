import assert from 'node:assert/strict';
import { entropy } from '../../../server/metrics/distribution/entropy.ts';
import { isMeasured } from '../../../server/protocol/run/estimate.ts';
import { kl } from '../../../server/metrics/distribution/kl.ts';
import { asPerplexity, heldOutLoss } from '../../../server/metrics/distribution/heldOutLoss.ts';
import { meanLoss, type SequenceLoss } from '../../../server/metrics/distribution/meanLoss.ts';
import { createRandom } from '../../../server/random/random.ts';

const logs = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);
const close = (actual: unknown, expected: number, tolerance = 1e-6) =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) <= tolerance,
    `${String(actual)} for ${expected}`,
  );

/** Log-softmax of random logits, rounded to float32 as a model returns it. */
function randomRow(seed: number, size: number, scale: number): Float32Array {
  const random = createRandom(seed);
  const logits = Array.from({ length: size }, () => (random.uniform() - 0.5) * scale);
  const log = Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
  return Float32Array.from(logits, (logit) => logit - log);
}

describe('kl', () => {
  it('is, by hand, 0.5 log(0.5/0.25) + 0.25 log(0.25/0.5) + 0.25 log(0.25/0.25)', () => {
    close(kl(logs(0.5, 0.25, 0.25), logs(0.25, 0.5, 0.25)), 0.25 * Math.log(2));
  });

  it('is not symmetric: KL(base || arm)', () => {
    close(kl(logs(0.9, 0.1), logs(0.5, 0.5)), 0.9 * Math.log(1.8) + 0.1 * Math.log(0.2));
    close(kl(logs(0.5, 0.5), logs(0.9, 0.1)), 0.5 * Math.log(0.5 / 0.9) + 0.5 * Math.log(5));
  });

  it('is 0 for equal rows and never negative for nearly equal ones', () => {
    const row = randomRow(1, 49152, 20);
    assert.equal(kl(row, row), 0);
    for (let seed = 0; seed < 20; seed++) {
      const noise = createRandom(seed);
      const other = row.map((value) => value + 1e-6 * (noise.uniform() - 0.5));
      const value = kl(row, other);
      assert.ok(typeof value === 'number' && value >= 0 && value < 1e-8);
    }
  });

  it('agrees with the plain sum in float64 over a large vocabulary', () => {
    const [base, arm] = [randomRow(2, 50257, 30), randomRow(3, 50257, 30)];
    let plain = 0;
    base.forEach((logP, i) => (plain += Math.exp(logP) * (logP - arm[i]!)));
    close(kl(base, arm), plain, 1e-5 * plain);
  });

  it('takes 0 log 0 as 0, and an arm that excludes what the base allows as a reason', () => {
    close(kl(logs(0.5, 0.5, 0), logs(0.25, 0.25, 0.5)), Math.log(2));
    close(kl(logs(1, 0), logs(1, 0)), 0);
    const infinite = kl(logs(0.5, 0.5), logs(1, 0));
    assert.ok(!isMeasured(infinite));
    assert.match(infinite.unmeasured, /infinite: the arm excludes token 1/);
  });

  it('takes rows that sum to 1 within a hundredth, and says of others which it is and what it sums to', () => {
    assert.ok(isMeasured(kl(logs(0.5, 0.509), logs(0.5, 0.5))) && isMeasured(kl(logs(0.5, 0.5), logs(0.5, 0.491))));
    assert.deepEqual(kl(logs(0.5, 0.511), logs(0.5, 0.5)), {
      unmeasured: 'the base row is no distribution: its probabilities sum to 1.011',
    });
    assert.deepEqual(kl(logs(0.5, 0.5), logs(0.5, 0.489)), {
      unmeasured: 'the arm row is no distribution: its probabilities sum to 0.9890',
    });
  });

  it('holds where the arm is far more likely, and where it is far less', () => {
    // d of -7.6 and 7.6, beyond what expm1 is used for.
    const [p, q] = [0.0005, 0.9995];
    close(kl(logs(p, q), logs(q, p)), p * Math.log(p / q) + q * Math.log(q / p), 1e-6);
    close(kl(logs(0.3, 0.7), logs(0.29, 0.71)), 0.3 * Math.log(0.3 / 0.29) + 0.7 * Math.log(0.7 / 0.71), 1e-9);
  });

  it('refuses logits, NaN and unequal vocabularies', () => {
    assert.ok(!isMeasured(kl(Float32Array.of(1, 2, 3), logs(0.2, 0.3, 0.5))));
    assert.ok(!isMeasured(kl(Float32Array.of(NaN, NaN), logs(0.5, 0.5))));
    assert.ok(!isMeasured(kl(logs(0.5, 0.5), logs(1))));
    assert.ok(!isMeasured(kl(new Float32Array(0), new Float32Array(0))));
  });
});

describe('entropy', () => {
  it('is log n for n equal tokens and 0 for a certain one', () => {
    close(entropy(logs(0.25, 0.25, 0.25, 0.25)), Math.log(4));
    close(entropy(logs(1, 0, 0)), 0);
    close(entropy(logs(0.5, 0.25, 0.25)), 1.5 * Math.log(2));
  });

  it('refuses what is no distribution', () => {
    assert.deepEqual(entropy(Float32Array.of(0, 0)), {
      unmeasured: 'the model row is no distribution: its probabilities sum to 2.000',
    });
  });
});

describe('perplexity', () => {
  const perplexity = (losses: readonly SequenceLoss[]) => asPerplexity(heldOutLoss(losses, undefined, { seed: 1 }));

  it('weighs tokens, not texts', () => {
    const losses = [
      { nll: 10 * Math.log(2), tokens: 10 },
      { nll: 30 * Math.log(4), tokens: 30 },
    ];
    const interval = perplexity(losses);
    assert.ok(isMeasured(interval));
    close(interval.value, 2 ** 1.75, 1e-12);
    close(interval.low, 2, 1e-12);
    close(interval.high, 4, 1e-12);
    assert.equal(interval.n, 40);
  });

  it('has no value without tokens or with an infinite loss', () => {
    assert.deepEqual(perplexity([]), { unmeasured: 'there are no tokens' });
    assert.deepEqual(perplexity([{ nll: Infinity, tokens: 1 }]), { unmeasured: 'the loss is not finite' });
  });

  it('is the exponential of the mean loss, which is over tokens too', () => {
    const losses = [
      { nll: 6, tokens: 2 },
      { nll: 2, tokens: 6 },
    ];
    assert.deepEqual(meanLoss(losses), { loss: 1, tokens: 8 });
    const found = perplexity(losses);
    close(isMeasured(found) && found.value, Math.E, 1e-12);
    assert.deepEqual(meanLoss([]), { unmeasured: 'there are no tokens' });
    assert.deepEqual(meanLoss([{ nll: NaN, tokens: 1 }]), { unmeasured: 'the loss is not finite' });
    assert.deepEqual(
      perplexity([
        { nll: 1, tokens: 1 },
        { nll: 1e6, tokens: 1 },
      ]),
      { unmeasured: 'the loss is not finite' },
    );
  });
});
