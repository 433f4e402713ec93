import assert from 'node:assert/strict';
import { actionOf, isTyping, type KeyPress } from '../../../webview/page/keyboard.ts';
import { reviewKeys } from '../../../webview/review/reviewKeys.ts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

describe('keys', () => {
  it('of the review mean what its help says', () => {
    const meant = ['j', 'k', 't', 'n', 'u', 'z', 'Enter'].map((key) => actionOf(reviewKeys, press(key)));
    assert.deepEqual(meant, ['next', 'previous', 'toxic', 'benign', 'unsure', 'undo', 'open']);
    assert.equal(actionOf(reviewKeys, press('T')), 'toxic');
    assert.equal(actionOf(reviewKeys, press('ArrowDown')), 'next');
  });

  it('leave chords to the editor, undo with Ctrl or Command excepted', () => {
    assert.equal(actionOf(reviewKeys, press('t', { ctrlKey: true })), undefined);
    assert.equal(actionOf(reviewKeys, press('z', { ctrlKey: true })), 'undo');
    assert.equal(actionOf(reviewKeys, press('Z', { metaKey: true })), 'undo');
    assert.equal(actionOf(reviewKeys, press('j', { altKey: true })), undefined);
  });

  it('know no names that objects are born with', () => {
    assert.equal(actionOf(reviewKeys, press('constructor')), undefined);
    assert.equal(actionOf(reviewKeys, press('toString')), undefined);
  });

  it('are letters while one types', () => {
    assert.deepEqual(
      ['textarea', 'VSCODE-TEXT-FIELD', 'DIV'].map((tag) => isTyping(tag, false)),
      [true, true, false],
    );
    assert.ok(isTyping('DIV', true));
  });
});
