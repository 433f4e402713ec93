import assert from 'node:assert/strict';
import { parseJson } from '../../../server/files/parseJson.ts';

const nested = (levels: number): string => `${'{"a":['.repeat(levels / 2)}1${']}'.repeat(levels / 2)}`;

describe('parseJson', () => {
  it('gives what JSON.parse gives', () => {
    for (const text of ['null', '1', '"a"', '[]', '{}', '{"a":[1,{"b":null}],"c":"d"}', nested(200)]) {
      assert.deepEqual(parseJson(text), JSON.parse(text));
    }
    assert.throws(() => parseJson('{'), SyntaxError);
  });

  it('refuses what is nested more deeply than anything meant to be read', () => {
    for (const levels of [202, 200_000]) assert.throws(() => parseJson(nested(levels)), /nested more than 200 levels/);
    assert.throws(() => parseJson(`[1, {}, ${nested(200)}]`), SyntaxError);
  });
});
