import assert from 'node:assert/strict';
import { matchesGlob } from '../../../../server/lsp/documents/globPattern.ts';

describe('a glob', () => {
  const cases: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
    ['*.csv', '/w/a/b.csv', true],
    ['*.csv', '/w/a/b.csv.txt', false],
    ['b.csv', '/w/a/bxcsv', false],
    ['a/*.csv', '/w/a/b.csv', true],
    ['a/*.csv', '/w/a/c/b.csv', false],
    ['/a/b.csv', '/w/a/b.csv', true],
    ['**/logs/**', '/w/logs/b.csv', true],
    ['**/logs/**', '/w/x/logs/y/b.csv', true],
    ['**/logs/**', '/w/catalogs/b.csv', false],
    ['?.{csv,t?v}', '/w/b.tsv', true],
    ['?.{csv,t?v}', '/w/bb.tsv', false],
    ['[a](b)+.csv', '/w/[a](b)+.csv', true],
    ['**/b.csv', '/w/b.csv', true],
    ['**/b.csv', '/w/a/b.csv', true],
    ['a/**/b.csv', '/w/ab.csv', false],
    ['**', '/w/a/b.csv', true],
    ['a/**', '/w/a/c/b.csv', true],
    ['{a,c}/{b,d}.csv', '/w/c/d.csv', true],
    ['{**/x,c}/d.csv', '/w/a/x/d.csv', true],
    [`${'*a'.repeat(100)}b`, `/w/${'a'.repeat(255)}`, false],
    [`${'**/'.repeat(100)}b`, `/w/${'a/'.repeat(200)}c`, false],
  ];
  for (const [pattern, path, matches] of cases) {
    it(`${pattern.slice(0, 20)} ${matches ? 'matches' : 'does not match'} ${path.slice(0, 30)}`, () =>
      assert.equal(matchesGlob(pattern, path, '/w'), matches));
  }

  it('is matched with the whole path where no folder is open', () =>
    assert.deepEqual(
      ['**/a/*.csv', '/w/a/*.csv', 'a/*.csv'].map((pattern) => matchesGlob(pattern, '/w/a/b.csv', undefined)),
      [true, true, false],
    ));
});
