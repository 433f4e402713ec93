import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DatasetFormat } from '../../../../server/dataset/example.ts';
import { parseDataset } from '../../../../server/dataset/parseDataset.ts';
import { type DatasetReader, openReader, readOn } from '../../../../server/lsp/documents/datasetReader.ts';
import { createDocumentText } from '../../../../server/dataset/documentText.ts';
import { editedReader } from '../../../../server/lsp/documents/editedReader.ts';
import { editorSettings } from '../../../../server/protocol/messages/editor.ts';

const { limits } = editorSettings.parse({});
const never = () => false;

const documents: Readonly<Record<DatasetFormat, string>> = {
  jsonl: '{"text":"a"}\n{"prompt":"p","chosen":"b","rejected":"c"}\r\n\n{"text":5}\n{"text":"d\\n"}\n',
  text: 'one\n\n  two \r\nthree',
  csv: 'text,label\nplain,1\n"quoted, ""so""",0\n"over\nlines",1\nlast,0\n',
  tsv: 'text\tlabel\nplain\t1\n"a\tb"\t0\n"odd\t1\n',
  honest:
    'template_masked\traw\tidentity\tcategory\tnumber\ttype\nthe man is a [M].\tr\ti\tc\tn\tt\nbroken\tr\ti\tc\tn\tt\nthe wife is [M].\tr\ti\tc\tn\tt\n',
};

function readAll(text: string, format: DatasetFormat, used = limits): DatasetReader {
  return readOn(openReader(text, format, {}, used), text, used, never);
}

/** The reader holds what reading the document at one go gives. */
function checkReader(reader: DatasetReader, text: string, format: DatasetFormat): void {
  const whole = parseDataset(text, { format });
  assert.deepEqual(reader.examples, whole.examples);
  assert.deepEqual(reader.problems, whole.problems);
  assert.equal(reader.lineByLine, whole.lineByLine);
}

describe('reading a document in slices', () => {
  it('gives what reading it at one go gives, whatever the slices (property)', () => {
    const lines = fc.array(fc.constantFrom(...Object.values(documents).flatMap((text) => text.split('\n'))), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(documents) as DatasetFormat[])), lines, (format, rows) => {
        const text = [documents[format], ...rows].join('\n');
        let reader = openReader(text, format, {}, limits);
        while (!reader.done) reader = readOn(reader, text, limits, () => true);
        checkReader(reader, text, format);
        assert.equal(reader.position, text.length);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('stops at the limit of lines or characters and says so', () => {
    const text = 'one\ntwo\nthree\n';
    const byLines = readAll(text, 'text', { ...limits, lines: 2 });
    assert.deepEqual(
      byLines.examples.map((example) => example.text),
      ['one', 'two'],
    );
    assert.match(byLines.stopped ?? '', /first 2 lines/);
    const byCharacters = readAll(text, 'text', { ...limits, characters: 4 });
    assert.deepEqual(
      byCharacters.examples.map((example) => example.text),
      ['one'],
    );
    assert.match(byCharacters.stopped ?? '', /more than 4 characters/);
    assert.equal(readAll(text, 'text').stopped, undefined);
  });

  it('tells of a line that is too long, without reading it', () => {
    const reader = readAll('short\nmuch too long\nshort', 'text', { ...limits, lineLength: 8 });
    assert.deepEqual(
      reader.examples.map((example) => example.line),
      [1, 3],
    );
    assert.deepEqual(
      reader.problems.map(({ line, range }) => ({ line, range })),
      [{ line: 2, range: { start: 6, end: 19 } }],
    );
    const header = readAll('text,much too long\nrow', 'csv', { ...limits, lineLength: 8 });
    assert.match(header.problems[0]?.what ?? '', /18 characters/);
  });
});

describe('editing a document that is read', () => {
  const insertion = fc.oneof(
    fc.constantFrom('\n', '\r\n', '"', '{"text":"new"}\n', 'x,1\n', '"a\nb"', '\n\n', 'word', '\t', ''),
    fc.string({ maxLength: 4 }),
  );
  const edits = fc.array(fc.tuple(fc.nat(300), fc.nat(12), insertion), { minLength: 1, maxLength: 6 });
  const format = fc.constantFrom(...(Object.keys(documents) as DatasetFormat[]));

  function edited(text: string, [at, remove, insert]: readonly [number, number, string]) {
    const start = Math.min(at, text.length);
    const range = { start, end: Math.min(start + remove, text.length) };
    return { after: text.slice(0, start) + insert + text.slice(range.end), change: { range, text: insert } };
  }

  it('gives what reading the new document gives, and says truly which examples are new (property)', () => {
    fc.assert(
      fc.property(format, edits, (kind, changes) => {
        let text = documents[kind] + documents[kind].slice(documents[kind].indexOf('\n') + 1);
        let reader = readAll(text, kind);
        for (const one of changes) {
          const texts = reader.examples.map((example) => example.text);
          const { after, change } = edited(text, one);
          const result =
            editedReader(createDocumentText('', 1, text), reader, change, 2, limits) ??
            assert.fail('small documents are never begun again');
          checkReader(result.reader, after, kind);
          assert.equal(result.reader.position, after.length);
          const { fresh, removed } = result;
          const now = result.reader.examples.map((example) => example.text);
          assert.deepEqual(now.slice(0, fresh.start), texts.slice(0, fresh.start));
          assert.deepEqual(now.slice(fresh.end), texts.slice(fresh.start + removed));
          [text, reader] = [after, result.reader];
        }
      }),
      { numRuns: 3000, seed: 2 },
    );
  });

  it('leaves a document that is read in part in order, so that reading can go on (property)', () => {
    fc.assert(
      fc.property(format, edits, fc.nat(3), (kind, changes, slices) => {
        let text = documents[kind] + documents[kind].slice(documents[kind].indexOf('\n') + 1).repeat(20);
        let reader = openReader(text, kind, {}, limits);
        for (let i = 0; i < slices; i++) reader = readOn(reader, text, limits, () => true);
        for (const one of changes) {
          const { after, change } = edited(text, one);
          reader =
            editedReader(createDocumentText('', 1, text), reader, change, 2, limits)?.reader ??
            openReader(after, kind, {}, limits);
          text = after;
        }
        checkReader(readOn(reader, text, limits, never), text, kind);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });
});
