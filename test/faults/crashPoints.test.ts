import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Crashed, withFaultyDisk } from './faultyDisk.ts';
import { scale } from './scale.ts';
import {
  buryOwner,
  differencesOf,
  leftoversOf,
  outcomeOf,
  startOrResume,
  sweeps,
  type SmallSweep,
} from './smallRuns.ts';
import { undisturbedRun } from './undisturbedRun.ts';

/** Crash points of each sweep in the quick part, of both kinds together. */
const points = 40;

describe('a process that dies at a call that writes', () => {
  for (const [name, make] of Object.entries(sweeps)) {
    it(`leaves a run of ${name} that goes on to the same bytes`, async () => {
      const { calls, expected } = await undisturbedRun(make());
      const every = Math.max(1, Math.floor((2 * calls) / (points * scale)));
      let tried = 0;
      for (let at = 1; at <= calls; at += every) {
        for (const torn of [false, true]) {
          await crashAndGoOn(make(), { at, torn }, expected);
          tried++;
        }
      }
      console.log(`      ${tried} crashes over ${calls} calls`);
    });
  }

  async function crashAndGoOn(
    sweep: SmallSweep,
    { at, torn }: { readonly at: number; readonly torn: boolean },
    expected: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const crash = await withFaultyDisk(sweep.run, { kind: 'crash', at, torn }, () => startOrResume(sweep));
    const where = `call ${at}, ${crash.met ?? 'none'}${torn ? ', torn' : ''}`;
    try {
      assert.ok(crash.met !== undefined, `${where}: there was no such call`);
      buryOwner(sweep.run);
      await startOrResume(sweep);
      assert.deepEqual(differencesOf(outcomeOf(sweep.run), expected), [], where);
      assert.deepEqual(leftoversOf(sweep.run), [], where);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      throw new Error(`${where}: ${String(error)}`, { cause: error });
    } finally {
      sweep.remove();
    }
  }
});

describe('the faulty disk', () => {
  it('lets nothing be written from the crash on, and half of what is written within it', async () => {
    const sweep = sweeps.toxicity!();
    const folder = join(sweep.path, 'watched');
    mkdirSync(folder);
    const work = async () => {
      await writeFile(join(folder, 'a'), 'whole');
      await writeFile(join(folder, 'b'), 'torn');
    };
    const crash = await withFaultyDisk(folder, { kind: 'crash', at: 2, torn: true }, work);
    assert.ok(crash.error instanceof Crashed);
    assert.deepEqual(
      [await readFile(join(folder, 'a'), 'utf8'), await readFile(join(folder, 'b'), 'utf8')],
      ['whole', 'to'],
    );
    await withFaultyDisk(folder, { kind: 'crash', at: 1 }, () => writeFile(join(folder, 'c'), 'x'));
    assert.ok(!existsSync(join(folder, 'c')));
    sweep.remove();
  });
});
