import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { anyOwned, sortOrphanedRuns } from '../../../client/control/orphanedRuns.ts';

const now = 1_800_000_000_000;
const minutes = (count: number) => count * 60_000;

describe('orphaned runs', () => {
  it('go on at once, are asked about after ten minutes, and wait while their server is there', () => {
    const runs = [
      { run: '/reloaded', isAbandoned: true, time: now - minutes(1) },
      { run: '/yesterday', isAbandoned: true, time: now - minutes(600) },
      { run: '/elsewhere', isAbandoned: false, time: now },
    ];
    assert.deepEqual(sortOrphanedRuns(runs, now), { resume: ['/reloaded'], ask: ['/yesterday'], wait: ['/elsewhere'] });
  });
});

describe('a mark', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-left-'))));
  after(() => rm(folder, { recursive: true }));

  it('is found beside other runs, and missed where there is none', async () => {
    await mkdir(path.join(folder, 'a'));
    await mkdir(path.join(folder, 'b'));
    assert.equal(await anyOwned([folder, '/not/there']), false);
    await writeFile(path.join(folder, 'b', 'going.json'), '{}');
    assert.equal(await anyOwned(['/not/there', folder]), true);
  });
});
