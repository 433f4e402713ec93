import assert from 'node:assert/strict';
import { assertChats, templates } from './chatOracle.ts';

describe('chats under the templates of well-known models', () => {
  for (const template of templates) {
    it(`of ${template.name} have the ids and labels of Transformers and TRL, or are refused as there`, () =>
      assertChats(template, 1));
  }

  it('are ten and more, each with a hundred conversations', () => {
    assert.ok(templates.length >= 10);
    for (const { results } of templates) assert.equal(results.length, 100);
    assert.ok(templates.every(({ results }) => results.filter((one) => one !== null).length >= 75));
  });
});
