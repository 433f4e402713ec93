import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRoundMark, writeRoundMark } from '../../../../server/experiments/toxicity/roundMark.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

describe('the mark of the round that a checkpoint belongs to', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  it('comes back as it was written', async () => {
    await writeRoundMark(folder.path, { round: 3, offset: 17 });
    assert.deepEqual(await readRoundMark(folder.path), { round: 3, offset: 17 });
  });

  it('says that a cancel came before the probe, and nothing where there was one', async () => {
    await writeRoundMark(folder.path, { round: 2, offset: 40, isProbed: false });
    assert.deepEqual(await readRoundMark(folder.path), { round: 2, offset: 40, isProbed: false });
    await writeRoundMark(folder.path, { round: 2, offset: 40, isProbed: true });
    assert.deepEqual(await readRoundMark(folder.path), { round: 2, offset: 40 });
  });

  it('is that of the first round where there is none', async () => {
    assert.deepEqual(await readRoundMark(join(folder.path, 'other')), { round: 1, offset: 0 });
  });

  it('is refused where it is not whole', async () => {
    for (const text of [
      '{"round": 2}',
      '{"offset": 2}',
      '{"round": 2, "offset": "3"}',
      '{"round": 1.5, "offset": 3}',
      '{"round": 1, "offset": 3, "isProbed": "no"}',
      'null',
      '7',
      '{',
    ]) {
      writeFileSync(join(folder.path, 'round.json'), text);
      await assert.rejects(
        readRoundMark(folder.path),
        (error) => error instanceof RankscopeError && error.code === 'run' && error.details.where === folder.path,
        text,
      );
    }
  });
});
