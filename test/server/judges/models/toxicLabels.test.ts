import assert from 'node:assert/strict';
import { meaningOf, toxicLabels } from '../../../../server/judges/models/toxicLabels.ts';

describe('the name of a class', () => {
  const names: Readonly<Record<string, readonly string[]>> = {
    toxic: [
      'toxic',
      'Toxicity',
      'HATE',
      'hateful',
      '1: toxic',
      'is_hate_speech',
      'severe_toxic',
      'identity_attack_hate',
    ],
    not: [
      ...['non-toxic', 'not toxic', 'NOT_HATE', 'nothate', 'nontoxic', 'is_not_hate_speech', '0: not toxic', 'notHate'],
      ...[
        'low toxicity',
        'hate-free',
        'no_hate',
        'harmless',
        'toxicity: none',
        'neither',
        'unoffensive',
        "isn't toxic",
      ],
      ...['hate speech absent', 'counter-hate', 'less_toxic'],
    ],
    unsure: ['medium toxicity', 'mildly offensive', 'borderline hate'],
    other: ['LABEL_1', 'normal', 'joy', 'safe', 'acceptable', 'northern'],
  };
  for (const [meaning, labels] of Object.entries(names)) {
    for (const label of labels) it(`${label} means ${meaning}`, () => assert.equal(meaningOf(label), meaning));
  }
});

describe('toxicLabels', () => {
  it('takes the toxic class, wherever it stands', () => {
    assert.deepEqual(toxicLabels(['non-toxic', 'toxic'], true), [1]);
    assert.deepEqual(toxicLabels(['is_hate_speech', 'is_not_hate_speech'], true), [0]);
    assert.deepEqual(toxicLabels(['0: not toxic', '1: toxic'], true), [1]);
    assert.deepEqual(toxicLabels(['normal', 'offensive'], true), [1]);
  });

  it('takes all of several that exclude each other, and of others toxicity as a whole', () => {
    assert.deepEqual(toxicLabels(['hate', 'offensive', 'neither'], true), [0, 1]);
    assert.deepEqual(toxicLabels(['obscene', 'toxicity', 'severe_toxicity', 'insult'], false), [1]);
    assert.deepEqual(toxicLabels(['sexual', 'insult'], false), [1]);
  });

  it('does not guess', () => {
    assert.equal(toxicLabels(['LABEL_0', 'LABEL_1'], true), undefined);
    assert.equal(toxicLabels(['low toxicity', 'medium toxicity', 'high toxicity'], true), undefined);
    assert.equal(toxicLabels(['insult', 'threat'], false), undefined);
    assert.equal(toxicLabels(['toxic', 'severe_toxic'], true), undefined);
    assert.equal(toxicLabels(['not toxic'], false), undefined);
  });

  it('takes a single class that its name does not deny', () => {
    assert.deepEqual(toxicLabels(['LABEL_0'], false), [0]);
    assert.deepEqual(toxicLabels(['toxic'], false), [0]);
  });
});
