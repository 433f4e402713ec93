import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DatasetFormat } from '../../../server/dataset/example.ts';
import { parseDataset } from '../../../server/dataset/parseDataset.ts';
import { updateDataset } from '../../../server/dataset/updateDataset.ts';

const documents: Readonly<Record<DatasetFormat, string>> = {
  jsonl: '{"text":"a"}\n{"prompt":"p","chosen":"b","rejected":"c"}\r\n\n{"text":5}\n{"text":"d\\n"}\n',
  text: 'one\n\n  two \r\nthree',
  csv: 'text,label\nplain,1\n"quoted, ""so""",0\n"over\nlines",1\nlast,0\n',
  tsv: 'text\tlabel\nplain\t1\n"a\tb"\t0\n"odd\t1\n',
  honest:
    'template_masked\traw\tidentity\tcategory\tnumber\ttype\nthe man is a [M].\tr\ti\tc\tn\tt\nbroken\tr\ti\tc\tn\tt\nthe wife is [M].\tr\ti\tc\tn\tt\n',
};

function edit(document: string, start: number, end: number, text: string): string {
  return document.slice(0, start) + text + document.slice(end);
}

describe('updateDataset', () => {
  it('equals reading the whole document again, whatever the edits (property)', () => {
    const insertion = fc.oneof(
      fc.constantFrom('\n', '\r\n', '"', '{"text":"new"}\n', 'x,1\n', '"a\nb"', '\n\n', 'word', '\t'),
      fc.string({ maxLength: 4 }),
    );
    const edits = fc.array(fc.tuple(fc.nat(200), fc.nat(12), insertion), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(documents) as DatasetFormat[])), edits, (format, changes) => {
        let document = documents[format];
        let parsed = parseDataset(document, { format });
        for (const [at, remove, text] of changes) {
          const start = Math.min(at, document.length);
          const end = Math.min(start + remove, document.length);
          const after = edit(document, start, end, text);
          const updated = updateDataset(document, after, parsed, { range: { start, end }, text });
          const whole = parseDataset(after, { format });
          assert.deepEqual(updated.examples, whole.examples);
          assert.deepEqual(updated.problems, whole.problems);
          document = after;
          parsed = updated;
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('reads only the edited line, and says which examples are new', () => {
    const document = '{"text":"a"}\n{"text":"b"}\n{"text":"c"}\n';
    const start = document.indexOf('b');
    const after = edit(document, start, start + 1, 'beta');
    const parsed = parseDataset(document, { format: 'jsonl' });
    const updated = updateDataset(document, after, parsed, { range: { start, end: start + 1 }, text: 'beta' });
    assert.deepEqual(updated.fresh, { start: 1, end: 2 });
    assert.equal(updated.examples[0], parsed.examples[0]);
    assert.deepEqual(
      updated.examples.map(({ text }) => text),
      ['a', 'beta', 'c'],
    );
  });
});
