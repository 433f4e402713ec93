import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createDocumentText, type DocumentText } from '../../../server/dataset/documentText.ts';

/** Lines of very different lengths, so that some documents take several blocks. */
const long = 'x'.repeat(30_000);
const piece = fc.constantFrom('', 'a', 'bc', '\n', '\r\n', '\r', '\n\n', `${long}\n`, `${long}\r\n${long}`, '"');
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

function check(ours: DocumentText, theirs: TextDocument, probes: readonly number[]): void {
  const whole = theirs.getText();
  assert.equal(ours.length, whole.length);
  for (const probe of probes) {
    const offset = probe % (whole.length + 3);
    const position = theirs.positionAt(offset);
    assert.deepEqual(ours.positionAt(offset), position);
    const near = { line: position.line + (probe % 2), character: position.character + (probe % 5) };
    assert.equal(ours.offsetAt(near), theirs.offsetAt(near));
    const within = Math.min(offset, whole.length);
    assert.equal(ours.lineStart(within), within === 0 ? 0 : whole.lastIndexOf('\n', within - 1) + 1);
    assert.equal(ours.lineEnd(within), whole.indexOf('\n', within) + 1 || whole.length);
    assert.equal(ours.feedsBefore(within), whole.slice(0, within).split('\n').length - 1);
    assert.equal(ours.slice(within, within + 40_000), whole.slice(within, within + 40_000));
  }
}

describe('the text of a document', () => {
  it('has the offsets and positions of a plain one, before and after edits (property)', () => {
    const edit = fc.tuple(fc.nat(), fc.nat(), text);
    const probes = fc.array(fc.nat(), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 5 }), probes, (first, edits, places) => {
        const ours = createDocumentText('file:///a', 1, first);
        const theirs = TextDocument.create('file:///a', 'plaintext', 1, first);
        check(ours, theirs, places);
        edits.forEach(([at, remove, insert], i) => {
          const start = at % (ours.length + 1);
          const end = Math.min(ours.length, start + (remove % 50_000));
          const range = { start: theirs.positionAt(start), end: theirs.positionAt(end) };
          ours.update({ start: ours.offsetAt(range.start), end: ours.offsetAt(range.end) }, insert, i + 2);
          TextDocument.update(theirs, [{ range, text: insert }], i + 2);
          // Before anybody has asked for the whole text, and after.
          check(ours, theirs, places);
          assert.equal(ours.getText(), theirs.getText());
          check(ours, theirs, places);
        });
        assert.equal(ours.version, 1 + edits.length);
      }),
      { numRuns: 400, seed: 4 },
    );
  });

  it('takes positions that are nowhere as its beginning or end', () => {
    const ours = createDocumentText('file:///a', 1, 'ab\ncd');
    assert.equal(ours.offsetAt({ line: -1, character: 3 }), 0);
    assert.equal(ours.offsetAt({ line: 9, character: 3 }), 5);
    assert.deepEqual(ours.positionAt(-5), { line: 0, character: 0 });
    assert.deepEqual(ours.positionAt(99), { line: 1, character: 2 });
  });
});
