import assert from 'node:assert/strict';
import { mergesFromScores } from '../../../../server/engine/tokenizer/mergesFromScores.ts';

describe('mergesFromScores', () => {
  it('puts the higher score first, and knows only parts of the vocabulary', () => {
    const tokens = ['a', 'b', 'ab', 'abb', 'xy'];
    assert.deepEqual(mergesFromScores(tokens, [-9, -9, -2, -1, 0]), [
      ['ab', 'b'],
      ['a', 'b'],
    ]);
  });

  it('breaks ties by the longer left part', () => {
    const tokens = ['a', 'aa', 'aaa'];
    assert.deepEqual(mergesFromScores(tokens, [0, -1, -1]), [
      ['aa', 'a'],
      ['a', 'aa'],
      ['a', 'a'],
    ]);
  });

  it('splits between code points, never within one', () => {
    assert.deepEqual(mergesFromScores(['😀', 'a', '😀a'], [0, 0, -1]), [['😀', 'a']]);
  });
});
