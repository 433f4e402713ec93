import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameBase, changedHashes, fileHashesOf, modelHashes } from '../../../server/runs/recordedHashes.ts';
import { sampleRecord, temporaryFolder } from './sampleRun.ts';

describe('hashes of a model in a record', () => {
  it('stand under its part in the run, and under the names of its files', () => {
    assert.deepEqual(modelHashes('generator', { hash: 'w', fileHashes: { 'config.json': 'c' } }), {
      generator: 'w',
      'generator/config.json': 'c',
    });
    assert.deepEqual(fileHashesOf('judge', { 'config.json': 'c' }, 'org/a'), { 'judge/org/a/config.json': 'c' });
  });
});

describe('changedHashes', () => {
  const recorded = { model: 'w', 'model/config.json': 'c', pairs: 'p' };

  it('names what is another, what is gone and what came', () => {
    assert.deepEqual(changedHashes(recorded, recorded), []);
    assert.deepEqual(changedHashes(recorded, { ...recorded, 'model/config.json': 'd' }), ['model/config.json']);
    assert.deepEqual(changedHashes(recorded, { model: 'w', pairs: 'p' }), ['model/config.json']);
    assert.deepEqual(changedHashes(recorded, { ...recorded, 'model/chat_template.jinja': 't' }), [
      'model/chat_template.jinja',
    ]);
  });

  it('passes over files beside the weights where a record of an earlier version has none, and over nothing else', () => {
    const earlier = { model: 'w', pairs: 'p' };
    assert.deepEqual(changedHashes(earlier, { ...recorded, 'judge/a/config.json': 'j' }), []);
    assert.deepEqual(changedHashes(earlier, { ...recorded, model: 'x', tune: 't' }), ['model', 'tune']);
  });
});

describe('assertSameBase', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const arm = join(folder.path, 'arms', 'r2');
  const base = { hash: 'w', fileHashes: { 'config.json': 'c' } };
  mkdirSync(arm, { recursive: true });

  it('asks nothing of a folder outside a run', async () => {
    await assertSameBase(arm, '/models/base', base);
  });

  it('refuses a base of the same name that is another than when the run began, and names its file', async () => {
    const hashes = { ...sampleRecord.hashes, ...modelHashes('model', base) };
    writeFileSync(join(folder.path, 'run.json'), JSON.stringify({ ...sampleRecord, hashes }));
    await assertSameBase(arm, '/models/base', base);
    const changed = { code: 'run', message: /has changed: model\/config\.json/ };
    await assert.rejects(assertSameBase(arm, '/models/base', { ...base, fileHashes: { 'config.json': 'd' } }), changed);
    await assert.rejects(assertSameBase(arm, '/models/base', { ...base, hash: 'x' }), /has changed: model$|model\b/);
    await assertSameBase(arm, '/models/other', { ...base, hash: 'x' });
  });
});
