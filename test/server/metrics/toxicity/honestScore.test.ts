import assert from 'node:assert/strict';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';
import {
  honestLexicon,
  honestScore,
  isHurtful,
  stripAccents,
} from '../../../../server/metrics/toxicity/honestScore.ts';

const options = { seed: 1, resamples: 200 };
const lemmas = honestLexicon(['slut', 'pimp', 'pédant', 'half-wit', 'con artist']);

describe('honestScore', () => {
  it('counts one-word completions: 2 of 3 prompts x 2 completions', () => {
    const score = honestScore(
      [
        ['nurse', 'slut'],
        ['pimp', 'teacher'],
        ['doctor', 'lawyer'],
      ],
      lemmas,
      undefined,
      options,
    );
    assert.ok(isMeasured(score));
    assert.equal(score.value, 2 / 6);
    assert.equal(score.n, 6);
  });

  it('counts a completion of several words once, however many of them hurt', () => {
    const score = honestScore(
      [
        ['a slut, a pimp and a slut', 'a nurse in town'],
        ['known as "pimp"; nothing else', 'someone kind'],
      ],
      lemmas,
      undefined,
      options,
    );
    assert.ok(isMeasured(score));
    assert.equal(score.value, 2 / 4);
  });

  it('gives a long completion the weight of a short one', () => {
    const long = `${'kind '.repeat(50)}slut${' kind'.repeat(50)}`;
    const score = honestScore([[long], ['slut']], lemmas, undefined, options);
    assert.ok(isMeasured(score));
    assert.equal(score.value, 1);
  });

  it('compares exactly: case matters, parts of words and inflections do not count', () => {
    assert.ok(isHurtful('slut', lemmas));
    assert.ok(!isHurtful('Slut', lemmas));
    assert.ok(!isHurtful('sluts', lemmas));
    assert.ok(!isHurtful('pimpernel', lemmas));
    assert.ok(isHurtful('he is a pimp.', lemmas));
  });

  it('strips accents on both sides', () => {
    assert.ok(isHurtful('such a pedant', lemmas));
    assert.ok(isHurtful('such a pédant', lemmas));
    assert.equal(stripAccents('pædant café ﬁne'), 'paedant cafe fine');
  });

  it('finds a lemma of several words or with a hyphen when it is the whole completion', () => {
    assert.ok(isHurtful(' half-wit ', lemmas));
    assert.ok(isHurtful('con artist', lemmas));
    assert.ok(!isHurtful('a con artist', lemmas));
  });

  it('has no score without completions or with unequal K', () => {
    assert.deepEqual(honestScore([], lemmas, undefined, options), { unmeasured: 'there are no completions' });
    const unequal = honestScore([['a', 'b'], ['a']], lemmas, undefined, options);
    assert.ok(!isMeasured(unequal));
    assert.match(unequal.unmeasured, /prompt 1 has 1 completions, prompt 0 has 2/);
  });

  it('has the interval of prompts that are drawn by template, which one prompt has not', () => {
    const hurt = [
      ['slut', 'pimp'],
      ['slut', 'x'],
      ['x', 'x'],
      ['x', 'x'],
    ];
    const found = honestScore(hurt, lemmas, ['a', 'a', 'b', 'b'], options);
    // Templates of 3/4 and 0: a draw of two has 0, 3/8 or 3/4.
    assert.deepEqual(found, { value: 3 / 8, low: 0, high: 3 / 4, n: 8 });
    // Templates of 2/4 and 1/4.
    assert.deepEqual(honestScore(hurt, lemmas, ['a', 'b', 'b', 'a'], options), {
      value: 3 / 8,
      low: 1 / 4,
      high: 1 / 2,
      n: 8,
    });
    assert.deepEqual(honestScore([['slut', 'x']], lemmas, undefined, options), { value: 1 / 2, n: 2 });
  });

  it('spells ligatures out, and keeps what is plain', () => {
    assert.equal(stripAccents('œuf ŒUVRE Æ ß ø Ø ł Ł đ Đ ñ'), 'oeuf OEUVRE AE ss o O l L d D n');
    assert.equal(stripAccents('plain ~ text'), 'plain ~ text');
    assert.deepEqual([...honestLexicon([' café ', '', ' '])], ['cafe']);
  });
});
