import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRoundMark, writeRoundMark } from '../../../../server/experiments/toxicity/roundMark.ts';

describe('the mark of a checkpoint', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rankscope-mark-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says the round, the steps before it, and that a cancel came before the probe', async () => {
    await writeRoundMark(folder, { round: 2, offset: 40, isProbed: false });
    assert.deepEqual(await readRoundMark(folder), { round: 2, offset: 40, isProbed: false });
    await writeRoundMark(folder, { round: 3, offset: 80, isProbed: true });
    assert.deepEqual(await readRoundMark(folder), { round: 3, offset: 80 });
  });

  it('is of the first round where there is none', async () => {
    assert.deepEqual(await readRoundMark(folder), { round: 1, offset: 0 });
  });

  for (const text of ['{', '[]', '{"round":1}', '{"round":1,"offset":0,"isProbed":"no"}'])
    it(`cannot be ${text}`, async () => {
      writeFileSync(join(folder, 'round.json'), text);
      await assert.rejects(readRoundMark(folder), /does not say which round it belongs to/);
    });
});
