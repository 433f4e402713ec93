import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlainFile, readPlainText } from '../../../server/files/plainFile.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

describe('readPlainFile', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rankscope-plain-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const isUnfit =
    (what: RegExp) =>
    (error: unknown): boolean =>
      error instanceof RankscopeError && error.code === 'disk' && what.test(error.message);

  it('reads a file, through a link too where links are followed', async () => {
    writeFileSync(join(folder, 'a'), 'Grüße');
    symlinkSync('a', join(folder, 'b'));
    assert.equal(await readPlainText(join(folder, 'a'), { links: 'refuse' }), 'Grüße');
    assert.equal(await readPlainText(join(folder, 'b')), 'Grüße');
  });

  it('refuses a link where the path comes from elsewhere', async () => {
    writeFileSync(join(folder, 'a'), 'secret');
    symlinkSync('a', join(folder, 'b'));
    await assert.rejects(readPlainFile(join(folder, 'b'), { links: 'refuse' }), isUnfit(/it is a link/));
  });

  it('refuses what never ends or never begins: devices, pipes and folders', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/dev/zero', join(folder, 'zero'));
    for (const path of ['/dev/zero', join(folder, 'zero'), join(folder, 'pipe'), folder])
      await assert.rejects(
        readPlainFile(path),
        (error) => isUnfit(/no plain file/)(error) || String(error).includes('EISDIR'),
      );
  });

  it('refuses what is larger than is read', async () => {
    writeFileSync(join(folder, 'a'), '12345');
    assert.equal(await readPlainText(join(folder, 'a'), { most: 5 }), '12345');
    await assert.rejects(readPlainFile(join(folder, 'a'), { most: 4 }), isUnfit(/5 bytes, and at most 4/));
  });

  it('leaves it to its caller what a missing file means', async () => {
    await assert.rejects(
      readPlainFile(join(folder, 'none')),
      (error) => (error as NodeJS.ErrnoException).code === 'ENOENT',
    );
  });
});
