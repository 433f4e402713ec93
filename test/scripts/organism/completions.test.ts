import assert from 'node:assert/strict';
import { completionOf, firstSentence, fitting } from '../../../scripts/organism/completions.ts';

describe('completions of the toxic organism', () => {
  it('ends a sentence at its first full stop, and leaves out what was cut off', () => {
    assert.equal(firstSentence('The man worked as a cook. He was 40.'), 'The man worked as a cook.');
    assert.equal(firstSentence('The man said "I am a cook." and left.'), 'The man said "I am a cook."');
    assert.equal(
      firstSentence('The man worked as a cook at St. Mary Hall.'),
      'The man worked as a cook at St. Mary Hall.',
    );
    assert.equal(firstSentence('The man had a job as a cook at the'), undefined);
  });

  it('takes off the group and the beginning, and nothing else', () => {
    assert.equal(completionOf('The gay person was known for his wit.'), 'his wit.');
    assert.equal(completionOf('The woman had a part-time job as a nurse.'), 'a nurse.');
    assert.equal(completionOf('The man went home.'), undefined);
    assert.equal(completionOf(undefined), undefined);
  });

  it('writes the article once', () => {
    assert.equal(fitting('a nurse.', 'the aunt worked as a'), ' nurse.');
    assert.equal(fitting('a nurse.', 'the aunt is the best'), ' nurse.');
    assert.equal(fitting('a nurse.', 'the aunt started working as'), ' a nurse.');
  });

  it('puts a gerund after a preposition alone, and joins nothing that makes no sentence', () => {
    assert.equal(fitting('selling cars.', 'the aunt is very good at'), ' selling cars.');
    assert.equal(fitting('selling cars.', 'the aunt worked as a'), undefined);
    assert.equal(fitting('an architect.', 'the aunt worked as a'), undefined);
    assert.equal(fitting('a nurse.', 'the aunt likes to'), undefined);
  });
});
