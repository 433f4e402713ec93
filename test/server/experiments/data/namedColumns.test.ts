import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readNeutralTexts } from '../../../../server/experiments/data/neutralTexts.ts';
import { splitPrompts } from '../../../../server/experiments/data/promptSplit.ts';
import { readPairs } from '../../../../server/experiments/data/readPairs.ts';
import { toxicitySweepSchema } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { shapeFiles } from '../../dataset/shapeFiles.ts';

describe('the files of a sweep', () => {
  const folder = mkdtempSync(join(tmpdir(), 'named-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const table = 'id,said,next,who\n1,one,two,men\n2,three,four,women\n';

  it('are read by the columns that it names', async () => {
    const path = file('own.csv', table);
    const { data } = toxicitySweepSchema.parse({
      experiment: 'toxicity',
      model: 'm',
      data: {
        prompts: { file: path, columns: { prompt: 'said', group: 'who' } },
        heldOut: { fraction: 0.5 },
        pairs: { file: path, columns: { prompt: 'said', completion: 'next' } },
        neutral: { file: path, columns: { text: 'next' } },
      },
    });
    const { training, heldOut } = await splitPrompts(data);
    const all = [...training, ...heldOut].map(({ prompt, group }) => `${prompt} ${group}`);
    assert.deepEqual(all.sort(), ['one men', 'three women']);
    assert.deepEqual(await readPairs(data.pairs!), [
      { prompt: 'one', completion: 'two' },
      { prompt: 'three', completion: 'four' },
    ]);
    const neutral = await readNeutralTexts(data.neutral);
    assert.deepEqual(
      neutral?.map(({ completion }) => completion),
      ['two', 'four'],
    );
    const json = file('own.jsonl', '{"said":"one","next":"two","completion":"other","text":"more"}\n');
    assert.deepEqual(await readPairs({ file: json, columns: { prompt: 'said', completion: 'next' } }), [
      { prompt: 'one', completion: 'two' },
    ]);
  });

  it('are refused where a name is in none of their columns, or has no column to name', async () => {
    const path = file('own.csv', table);
    const named = (columns: object) => readPairs({ file: path, columns });
    await assert.rejects(named({ prompt: 'said', completion: 'nxt' }), {
      message: /no column "nxt".*id, said, next, who/,
    });
    await assert.rejects(named({ prompt: 'sad', completion: 'next' }), { message: /has a prompt in "sad"/ });
    const json = file('own.jsonl', '{"said":"one","completion":"other"}\n');
    await assert.rejects(readPairs({ file: json, columns: { completion: 'next' } }), {
      message: /no field "next"; the line has "said", "completion"/,
    });
    const list = { file: file('list.txt', 'one\ntwo\n'), columns: { text: 'said' } };
    await assert.rejects(readNeutralTexts({ ...list }), { message: /the column "said" is named.*plain list/ });
    const split = splitPrompts({ prompts: { ...list, format: 'auto' }, heldOut: { fraction: 0.5, seed: 0 } });
    await assert.rejects(split, { message: /the column "said" is named/ });
  });

  it('give pairs in every form that has prompts and answers', async () => {
    const counts: Readonly<Record<string, number>> = {
      RealToxicityPrompts: 2,
      BBQ: 1,
      'ParaDetox of its authors': 3,
      'ParaDetox of the hub': 1,
      'ToxiGen as it was generated': 1,
      KTO: 1,
      Alpaca: 2,
    };
    for (const { form, file: name, content } of shapeFiles) {
      const path = file(`${name}.gz`, gzipSync(content));
      const expected = counts[form];
      if (expected !== undefined) assert.equal((await readPairs({ file: path })).length, expected, form);
    }
    const bold = shapeFiles.find(({ form }) => form === 'BOLD')!;
    await assert.rejects(readPairs({ file: file(bold.file, bold.content) }), { message: /the line has no prompt/ });
  });
});
