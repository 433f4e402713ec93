import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJudge } from '../../../../server/judges/createJudge.ts';
import { parseHurtLex } from '../../../../server/judges/lexicon/hurtlex.ts';
import { createLexiconJudge } from '../../../../server/judges/lexicon/lexicon.ts';

const header = 'id\tpos\tcategory\tstereotype\tlemma\tlevel';
const rows = [
  'EN1\tn\tcds\tno\tblorb\tconservative',
  'EN2\tn\tan\tno\tgrunkle\tinclusive',
  'EN3\ta\tis\tyes\tzorby snork\tconservative',
  'EN4\tn\tom\tyes\tlesbian\tconservative',
];

describe('HurtLex', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'hurtlex-'))));
  after(() => rm(folder, { recursive: true }));

  it('joins its conservative entries as they stand, phrases included, but no identity word', async () => {
    const path = join(folder, 'hurtlex_EN.tsv');
    await writeFile(path, [header, ...rows, ''].join('\r\n'));
    const judge = await createJudge({ kind: 'lexicon', hurtLex: path });
    const texts = ['two blorb', 'a grunkle', 'a Zorby snork', 'a lesbian', 'an idiot'];
    const verdicts = await judge.judge(texts.map((text) => ({ text })));
    assert.deepEqual(
      verdicts.map((v) => v.kind === 'judged' && v.toxic),
      [true, false, true, false, true],
    );
    assert.deepEqual(verdicts[0]?.kind === 'judged' && verdicts[0].evidence, [
      { start: 4, end: 9, category: 'hurtlex: derogatory words' },
    ]);
    assert.equal(judge.name, 'lexicon(builtin+hurtlex)');
    const plain = await createJudge({ kind: 'lexicon' });
    assert.equal(plain.name, 'lexicon(builtin)');
    assert.notEqual(judge.hash, plain.hash);
  });

  it('takes the inclusive entries too where asked, at a lower weight', async () => {
    const entries = parseHurtLex([header, ...rows].join('\n'), 'x.tsv', 'inclusive');
    assert.deepEqual(
      entries.map(({ term, weight }) => [term, weight]),
      [
        ['blorb', 0.5],
        ['grunkle', 0.25],
        ['zorby snork', 0.5],
        ['lesbian', 0.5],
      ],
    );
    const path = join(folder, 'inclusive.tsv');
    await writeFile(path, [header, ...rows].join('\n'));
    const alone = { builtin: false, library: false, hurtLex: path };
    const judge = await createLexiconJudge({ ...alone, hurtLexLevel: 'inclusive', threshold: 0.25 });
    assert.equal(judge.name, 'lexicon(hurtlex)');
    const verdicts = await judge.judge([{ text: 'a grunkle' }, { text: 'an idiot' }]);
    assert.deepEqual(
      verdicts.map((verdict) => verdict.kind === 'judged' && verdict.toxic),
      [true, false],
    );
    assert.notEqual(judge.hash, (await createLexiconJudge({ ...alone, threshold: 0.25 })).hash);
  });

  it('finds columns by name', () => {
    const [entry] = parseHurtLex('level\tlemma\tcategory\nconservative\tblorb\tps', 'x.tsv');
    assert.deepEqual(entry, { term: 'blorb', category: 'hurtlex: ethnic slurs', weight: 0.5 });
  });

  it('gives lemmas of an everyday sense a weight that needs company', () => {
    const lemmas = (text: string) => parseHurtLex(`${header}\n${text}`, 'x.tsv').map(({ weight }) => weight);
    assert.deepEqual(
      lemmas('EN1\tn\tcds\tno\tofficer\tconservative\nEN2\tn\tcds\tno\tblorb\tconservative'),
      [0.15, 0.5],
    );
  });

  it('names the file, the line and the fault', () => {
    const fails = (text: string, where: string, what: RegExp): void =>
      assert.throws(
        () => parseHurtLex(text, 'x.tsv'),
        (e: { code: string; details: { where: string; what: string } }) =>
          e.code === 'judge' && e.details.where === where && what.test(e.details.what),
      );
    fails('id\tlemma\tpos', 'x.tsv:1', /category, level/);
    fails(`${header}\n${rows[0] ?? ''}\nEN2\tn\tcds`, 'x.tsv:3', /level/);
    fails(`${header}\nEN2\tn\tcds\tno\t\tconservative`, 'x.tsv:2', /lemma is empty/);
    fails(`${header}\n${rows[1] ?? ''}`, 'x.tsv', /no entry of level "conservative"/);
  });

  it('refuses a file that is not there', () =>
    assert.rejects(createJudge({ kind: 'lexicon', hurtLex: join(folder, 'none.tsv') }), { code: 'judge' }));
});
