import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJudge } from '../../../server/judges/createJudge.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

describe('createJudge', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-judge-'))));
  after(() => rm(folder, { recursive: true }));

  it('opens a classifier through the models given, and pins model and vocabulary by hash', async () => {
    const vocabulary = join(folder, 'vocabulary.json');
    const content = { filters: '.', lower: true, split: ' ', maxlen: 2, padding: 'pre', truncating: 'pre', pad_id: 0 };
    await writeFile(vocabulary, JSON.stringify({ ...content, labels: ['toxic'], word_index: { fool: 1 } }));
    const open = (hash: string) =>
      createJudge(
        { kind: 'classifier', model: '/models/tox.onnx', vocabulary },
        {
          classifier: async () =>
            Promise.resolve({ hash, run: (ids) => Promise.resolve(ids.map(() => Float32Array.of(0.9))) }),
        },
      );
    const judge = await open('a');
    assert.equal(judge.name, 'classifier(tox.onnx)');
    const [verdict] = await judge.judge([{ text: 'Fool.' }]);
    assert.ok(verdict?.kind === 'judged' && verdict.toxic);
    assert.notEqual(judge.hash, (await open('b')).hash);
  });

  it('combines judges, and refuses models where none can be run', async () => {
    const both = await createJudge({
      kind: 'combined',
      rule: 'any',
      judges: [{ kind: 'lexicon' }, { kind: 'lexicon' }],
    });
    assert.match(both.name, /^any\(lexicon/);
    const refused = createJudge({ kind: 'llm', model: 'tulu' });
    await assert.rejects(refused, (error) => error instanceof RankscopeError && error.code === 'config');
  });

  it('says which file is missing', async () => {
    const missing = createJudge({ kind: 'linear', model: join(folder, 'none.json') });
    await assert.rejects(missing, /none\.json: The judge's file cannot be read/);
  });
});
