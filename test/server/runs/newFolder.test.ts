import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assertNewFolder, writeNewFolder } from '../../../server/runs/newFolder.ts';
import { mergeAdapter } from '../../../server/worker/requests/mergeAdapter.ts';
import { shrinkAdapter } from '../../../server/worker/requests/shrinkAdapter.ts';
import { temporaryFolder } from './sampleRun.ts';

describe('a new folder', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const at = (name: string): string => join(folder.path, name);
  const fill = (directory: string): Promise<void> => writeFile(join(directory, 'written'), 'whole');

  /** What may not be written over, and how it is named. */
  const occupied = async (): Promise<readonly (readonly [string, RegExp])[]> => {
    await mkdir(at('run'), { recursive: true });
    await writeFile(join(at('run'), 'run.json'), '{}');
    await mkdir(at('full'), { recursive: true });
    await writeFile(join(at('full'), 'model.safetensors'), 'mine');
    await writeFile(at('file'), 'mine');
    await mkdir(at('empty-elsewhere'), { recursive: true });
    await symlink(at('empty-elsewhere'), at('link')).catch(() => undefined);
    return [
      [at('run'), /There is a run already/],
      [at('full'), /a folder that is not empty/],
      [at('file'), /There is a file already/],
      [at('link'), /There is a link already/],
    ];
  };

  it('is one that is not there, or is empty: not a file, a run, a link or a folder with something in it', async () => {
    await assertNewFolder(at('none'));
    await mkdir(at('empty'));
    await assertNewFolder(at('empty'));
    for (const [path, message] of await occupied())
      await assert.rejects(assertNewFolder(path), { code: 'run', message });
  });

  it('is written whole, into an empty one too', async () => {
    await mkdir(at('waiting'));
    for (const name of ['waiting', 'deep/er']) {
      await writeNewFolder(at(name), fill);
      assert.equal(await readFile(join(at(name), 'written'), 'utf8'), 'whole');
      assert.deepEqual(
        (await readdir(dirname(at(name)))).filter((entry) => entry.includes('.writing-')),
        [],
      );
    }
  });

  it('is not there where writing fails, and leaves what came there meanwhile', async () => {
    const failing = writeNewFolder(at('failed'), async (directory) => {
      await fill(directory);
      throw new RangeError('no more');
    });
    await assert.rejects(failing, /no more/);
    await assert.rejects(readdir(at('failed')), /ENOENT/);
    const overtaken = writeNewFolder(at('overtaken'), async (directory) => {
      await fill(directory);
      await mkdir(at('overtaken'));
      await writeFile(join(at('overtaken'), 'theirs'), 'theirs');
    });
    await assert.rejects(overtaken, { code: 'run' });
    assert.deepEqual(await readdir(at('overtaken')), ['theirs']);
  });

  it('is all that the engine process writes an adapter or a model into, whoever asks', async () => {
    const files = { model: 'test/oracles/models/gpt2', adapter: 'test/oracles/training/gpt2-r8' };
    for (const [to, message] of await occupied()) {
      await assert.rejects(mergeAdapter({ ...files, to }, new AbortController().signal), { code: 'run', message });
      await assert.rejects(shrinkAdapter({ ...files, rank: 2, to }), { code: 'run', message });
    }
    assert.equal(await readFile(join(at('full'), 'model.safetensors'), 'utf8'), 'mine');
    assert.deepEqual(await readdir(at('full')), ['model.safetensors']);
    assert.deepEqual(await readdir(at('empty-elsewhere')), []);
  });
});
