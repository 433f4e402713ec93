import assert from 'node:assert/strict';
import { commandArgument } from '../../../client/pick/commandArgument.ts';
import { issueText } from '../../../client/commands/issueText.ts';

describe('what a command was given', () => {
  it('may be a file of the Explorer, a node or an object', () => {
    assert.deepEqual(commandArgument({ fsPath: '/w/a.jsonl', scheme: 'file' }), { file: '/w/a.jsonl' });
    assert.deepEqual(commandArgument({ run: '/r', arm: 'r2', summary: {} }), { run: '/r', arm: 'r2' });
    assert.deepEqual(commandArgument({ file: '/w/x', fsPath: '/w/y' }), { file: '/w/x' });
  });

  it('is nothing where nothing of use was given', () => {
    for (const given of [undefined, null, 3, 'text', { run: 5, file: '' }])
      assert.deepEqual(commandArgument(given), {});
  });
});

describe('an issue report', () => {
  it('holds versions, changed settings and the log, and no home folder', () => {
    const parts = {
      versions: { Rankscope: '1.2.3' },
      settings: { modelFolders: ['/home/me/models'] },
      log: ['at /home/me/x'],
    };
    const text = issueText(parts, '/home/me');
    assert.match(text, /- Rankscope: 1\.2\.3/);
    assert.match(text, /~\/models/);
    assert.match(text, /at ~\/x/);
    assert.doesNotMatch(text, /home\/me/);
  });
});
