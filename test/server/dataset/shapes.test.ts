import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectFormat } from '../../../server/dataset/detectFormat.ts';
import { documentOffset, type Example } from '../../../server/dataset/example.ts';
import { readExamples } from '../../../server/dataset/readExamples.ts';
import { readPrompts } from '../../../server/dataset/readPrompts.ts';
import { whyNoDataset } from '../../../server/dataset/recogniseDataset.ts';
import { labelMeaning, takenFor } from '../../../server/dataset/shapes.ts';
import { openReader, readOn } from '../../../server/lsp/documents/datasetReader.ts';
import { editorSettings } from '../../../server/protocol/messages/editor.ts';
import { shapeFiles } from './shapeFiles.ts';

const { limits } = editorSettings.parse({});
const said = ({ text, prompt, group, label }: Example) => [text, prompt, group, label];
const padded = (row: readonly (string | undefined)[]) => [0, 1, 2, 3].map((i) => row[i]);

describe('forms of data sets', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-shapes-'))));
  after(() => rm(folder, { recursive: true }));
  const write = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };

  for (const { form, file, content, examples, takenFor: taken, prompts } of shapeFiles) {
    it(`${form}: its texts, prompts, groups and labels, and what it is said to be`, async () => {
      const read = await readExamples(await write(file, content));
      assert.deepEqual(read.examples.map(said), examples.map(padded));
      assert.equal(read.takenFor, taken);
      // Each text stands where its range says: its first and last units are found there.
      for (const example of read.examples) {
        const { text, line, range } = example;
        const first = content.slice(range.start, documentOffset(example, 1));
        assert.ok(first.endsWith(text[0] ?? ''), first);
        assert.ok(content.slice(range.start, range.end).endsWith(text.slice(-1)) || text.endsWith('"'));
        assert.equal(line, content.slice(0, range.start).split('\n').length);
      }
    });

    it(`${form}: the same in the editor, where it is recognised`, () => {
      const format = detectFormat(file, content);
      const reader = readOn(openReader(content, format, {}, limits), content, limits, () => false);
      assert.deepEqual(reader.examples.map(said), examples.map(padded));
      assert.equal(takenFor(reader.examples), taken);
      assert.deepEqual(reader.problems, []);
      const why = whyNoDataset(file, content, { format, fields: {}, isList: format === 'text' });
      assert.equal(why, undefined);
    });

    if (prompts)
      it(`${form}: as prompts`, async () => {
        const read = await readPrompts(await write(file, content));
        assert.deepEqual(
          read.map(({ prompt }) => prompt),
          prompts,
        );
        const [, , group] = examples[0] ?? [];
        assert.equal(read[0]?.group, group);
      });
  }

  it('give way to the names of fields that a person gives', async () => {
    const { content } = shapeFiles.find(({ form }) => form === 'HateCheck')!;
    const path = await write('named.csv', content);
    const { examples } = await readExamples(path, { fields: { text: 'functionality', label: 'direction' } });
    assert.deepEqual(examples.map(said)[0], ['derog_neg_emote_h', undefined, undefined, 'directed']);
    const grouped = await readExamples(path, { fields: { group: 'direction' } });
    assert.deepEqual(grouped.examples.map(said)[0], ['You idiot.', undefined, 'directed', 'hateful']);
    await assert.rejects(
      readExamples(path, { fields: { text: 'tset_case' } }),
      /no column "tset_case" for the text \(found /,
    );
    await assert.rejects(
      readExamples(path, { fields: { label: 'gold' } }),
      /no text of the file has a label in "gold".*HateCheck/,
    );
  });

  it('name the choice that is none of the answers', async () => {
    const { content } = shapeFiles.find(({ form }) => form === 'BBQ')!;
    const path = await write('choice.jsonl', content.replace('"label":2', '"label":3'));
    await assert.rejects(readExamples(path), /the field "label" names none of ans0, ans1, ans2 \(read as BBQ\)/);
  });
});

describe('what labels mean', () => {
  const meaning = (form: string, label: string) => {
    const { content, file } = shapeFiles.find((one) => one.form === form)!;
    const reader = readOn(openReader(content, detectFormat(file, content), {}, limits), content, limits, () => false);
    return labelMeaning(reader.examples[0]?.shape)(label);
  };

  it('is what the authors of a data set say', () => {
    const of = (form: string, ...labels: string[]) => labels.map((label) => meaning(form, label));
    assert.deepEqual(of('HateCheck', 'hateful', 'non-hateful', '1'), [true, false, undefined]);
    assert.deepEqual(of('ToxiGen as people rated it', '3.3', '3', '2.7'), [true, undefined, false]);
    assert.deepEqual(of('Civil Comments of the hub', '0.5', '0.49', '2'), [true, false, undefined]);
    assert.deepEqual(of('Jigsaw', '1', '0', '-1'), [true, false, undefined]);
    // Whether an answer is to be learnt is no word on toxicity.
    assert.deepEqual(of('KTO', 'true', 'false'), [undefined, undefined]);
  });

  it('of other files is read from words, and from numbers where the name of the column says what 1 is', () => {
    const of = (column: string, ...labels: string[]) => labels.map((label) => labelMeaning(undefined, column)(label));
    assert.deepEqual(of('label', 'Toxic', 'not toxic', '1', '0'), [true, false, undefined, undefined]);
    assert.deepEqual(of('is_toxic', '1', '0', 'True', '0.7', '7'), [true, false, true, true, undefined]);
  });
});
