import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkSweep } from '../../../../server/worker/sweep/checkSweep.ts';

const demo = path.join(import.meta.dirname, '../../../../examples/demo/demo.sweep.json');

describe('a sweep that is checked before it is run', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-check-'))));
  after(() => rm(folder, { recursive: true }));

  const written = async (labelled: string) => {
    const file = path.join(folder, 'a.sweep.json');
    await writeFile(path.join(folder, 'train.csv'), labelled);
    const data = { train: { file: 'train.csv' }, test: { fraction: 0.5 } };
    const arms = { ranks: [2], full: false };
    await writeFile(file, JSON.stringify({ experiment: 'classification', model: 'owner/name', data, arms }));
    return file;
  };

  it('tells what there is to learn from and to measure on, without its model', async () => {
    const { training, heldOut, arms } = await checkSweep(demo);
    assert.ok(training > 100 && heldOut > 100, `${training} ${heldOut}`);
    assert.ok(arms.includes('r64') && arms.includes('full'));
    const file = await written('text,label\ngood,1\nfine,1\nbad,0\nworse,0\n');
    assert.deepEqual(await checkSweep(file), { training: 2, heldOut: 2, arms: ['r2'] });
  });

  it('is refused with the line of what is wrong', async () => {
    await assert.rejects(checkSweep(await written('text,label\ngood,1\nbad,maybe\n')), /train\.csv:\d.*"maybe"/);
    await assert.rejects(checkSweep(path.join(folder, 'none.sweep.json')), { code: 'config' });
  });
});
