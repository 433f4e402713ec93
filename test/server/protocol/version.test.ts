import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rankscopeVersion } from '../../../server/protocol/version.ts';

describe('rankscopeVersion', () => {
  it('is the version of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.equal(rankscopeVersion, version);
  });
});
