import assert from 'node:assert/strict';
import fc from 'fast-check';
import { documentOffset, documentSpan, type DatasetFormat, type Example } from '../../../server/dataset/example.ts';
import { parseDataset } from '../../../server/dataset/parseDataset.ts';

/** Any text, lone surrogates, quotes, line breaks and separators among it. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\r', '\t', ',', '{', '}', '[', ']', ':', 'u'),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  ),
});
const eol = fc.constantFrom('\n', '\r\n');

/** The range decodes to the text, and every boundary of the text lies on a boundary of its source. */
function checkSource(document: string, example: Example, decode: (source: string) => string): void {
  const source = document.slice(example.range.start, example.range.end);
  assert.equal(decode(source), example.text);
  assert.equal(documentOffset(example, 0), example.range.start);
  assert.equal(documentOffset(example, example.text.length), example.range.end);
  for (let i = 0; i < example.text.length; i++) {
    const span = documentSpan(example, { start: i, end: i + 1 });
    assert.equal(decode(document.slice(span.start, span.end)), example.text[i]);
  }
}

/** JSON in which any character may be written as an escape, with spaces anywhere. */
function spell(value: string, escapeAll: boolean): string {
  if (!escapeAll) return JSON.stringify(value);
  return `"${[...Array(value.length).keys()].map((i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
}

describe('ranges of examples (property)', () => {
  it('cut exactly the source of the judged text out of JSONL', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText, anyText, fc.boolean()), { maxLength: 8 }), eol, (rows, end) => {
        const document = rows
          .map(([key, before, text, all]) => {
            const extra = `${JSON.stringify(`k${key}`)} : {"a":[${JSON.stringify(before)},{"text":"x"}]}`;
            return ` { ${extra} ,"text"\t: ${spell(text, all)} , "prompt":${JSON.stringify(before)}}`;
          })
          .join(end);
        const { examples, problems } = parseDataset(document, { format: 'jsonl' });
        assert.deepEqual(problems, []);
        assert.deepEqual(
          examples.map(({ text, prompt }) => [text, prompt]),
          rows.map(([, before, text]) => [text, before]),
        );
        for (const example of examples) checkSource(document, example, (source) => JSON.parse(`"${source}"`) as string);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('cut exactly the source of the judged text out of CSV', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 8 }), eol, (rows, end) => {
        const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
        const document = ['label,text', ...rows.map((row) => row.map(quote).join(','))].join(end);
        const { examples, problems } = parseDataset(document, { format: 'csv' });
        assert.deepEqual(problems, []);
        assert.deepEqual(
          examples.map(({ label, text }) => [label, text]),
          rows,
        );
        for (const example of examples) {
          checkSource(document, example, (source) => source.replaceAll('""', '"'));
          assert.equal(document.slice(0, example.range.start).split('\n').length, example.line);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('stay inside the document and on their line for any damaged file of any format', () => {
    const good =
      '{"text":"a\\n\\"b","label":1}\n{"messages":[{"role":"assistant","content":"c"}]}\n"x ""y""",1\ntemplate_masked\traw\tidentity\tcategory\tnumber\ttype\nthe man is a [M].\tb\tc\td\te\tf\n';
    const damage = fc.array(fc.tuple(fc.nat(good.length), fc.nat(4), fc.string({ maxLength: 3 })), { maxLength: 6 });
    fc.assert(
      fc.property(
        damage,
        fc.constantFrom<DatasetFormat[]>('jsonl', 'csv', 'tsv', 'honest', 'text'),
        (edits, format) => {
          let document = format === 'honest' ? good.slice(good.indexOf('template_masked')) : `text,label\n${good}`;
          for (const [at, remove, insert] of edits)
            document = document.slice(0, at) + insert + document.slice(at + remove);
          const { examples, problems } = parseDataset(document, { format });
          for (const { range, line } of [...examples, ...problems]) {
            assert.ok(range.start >= 0 && range.start <= range.end && range.end <= document.length);
            assert.equal(document.slice(0, range.start).split('\n').length, line);
          }
          for (const example of examples) assert.equal(documentOffset(example, example.text.length), example.range.end);
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });
});
