import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rememberedHash } from '../../../../server/engine/weights/hashMemory.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

/** A time at which what has just been written is long settled. */
const later = (): number => Date.now() + 3_600_000;

describe('hashes that outlive their process', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let computed: number;

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'weights');
    writeFileSync(file, 'one');
    computed = 0;
  });
  afterEach(() => folder.remove());

  const memory = (): string => join(folder.path, 'kept', 'hashes');
  const ask = (now: () => number = later): Promise<string> =>
    rememberedHash(
      memory(),
      [file],
      () => {
        computed++;
        return Promise.resolve(createHash('sha256').update(readFileSync(file)).digest('hex'));
      },
      now,
    );

  it('are computed once', async () => {
    const first = await ask();
    assert.equal(await ask(), first);
    assert.equal(computed, 1);
  });

  it('are computed anew when the content differs, though size and time of change were put back', async () => {
    const { atime, mtime } = statSync(file);
    const first = await ask();
    writeFileSync(file, 'two');
    utimesSync(file, atime, mtime);
    assert.notEqual(await ask(), first);
    assert.equal(computed, 2);
  });

  it('are not kept of what was changed only just now', async () => {
    await ask(Date.now);
    await ask(Date.now);
    assert.equal(computed, 2);
  });

  it('are computed anew when what was kept is damaged', async () => {
    const first = await ask();
    const [name = ''] = readdirSync(memory());
    writeFileSync(join(memory(), name), 'half of a');
    assert.equal(await ask(), first);
    assert.equal(computed, 2);
  });

  it('are given where they cannot be kept', async () => {
    writeFileSync(join(folder.path, 'kept'), 'a file where a folder should be');
    assert.equal((await ask()).length, 64);
    assert.equal(computed, 1);
  });

  it('fail as computing does', async () => {
    const failing = rememberedHash(memory(), [file], () => Promise.reject(new RangeError('no disk')), later);
    await assert.rejects(failing, /no disk/);
  });
});
