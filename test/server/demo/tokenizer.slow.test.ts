import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { demoCorpus, generateCorpus } from '../../../scripts/demo/grammar.ts';
import { shape } from '../../../scripts/demo/modelConfig.ts';
import { tokenizeCorpus } from '../../../scripts/demo/tokenizeCorpus.ts';
import { tokenizerFiles } from '../../../scripts/demo/tokenizerFiles.ts';
import { trainBpe } from '../../../scripts/demo/trainBpe.ts';
import { demoTokenizer, modelFolder } from '../../../scripts/demo/trainTokenizer.ts';
import { createTokenizer } from '../../../server/engine/tokenizer/tokenizer.ts';
import type { JsonObject } from '../../../server/engine/weights/checkpoint.ts';

const stored = (name: string): JsonObject =>
  JSON.parse(readFileSync(path.join(modelFolder, name), 'utf8')) as JsonObject;

describe('byte-pair training', () => {
  it('merges the most frequent pair first, and of equal ones the one that sorts first', () => {
    // "low" three times, "lot" twice: l-o 5, o-w 3, then lo-w 3, and lo-t 2.
    const { tokens, merges } = trainBpe(['low', 'low', 'low', 'lot', 'lot'], 400);
    assert.deepEqual(merges, [
      ['l', 'o'],
      ['lo', 'w'],
      ['lo', 't'],
    ]);
    assert.deepEqual(tokens.slice(256), ['lo', 'low', 'lot']);
    assert.deepEqual(trainBpe(['ba', 'ba', 'ab', 'ab'], 257).merges, [['a', 'b']]);
  });

  it('never merges across words, nor pairs seen once', () => {
    assert.deepEqual(trainBpe(['x y', 'x y'], 400).merges, [['Ġ', 'y']]);
    assert.deepEqual(trainBpe(['ab'], 400).merges, []);
  });

  it('knows every byte, so that any text comes back', () => {
    const tokenizer = createTokenizer(tokenizerFiles(trainBpe(['a b'], 256), 64));
    for (const text of [' two  spaces ', 'Ünïcode ☃ 中文 🙂', "tabs\tand\nlines\r\n don't", '\u0000\u00a0']) {
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }
  });
});

describe("the demo model's tokenizer", () => {
  const corpus = generateCorpus(demoCorpus);
  const tokenizer = createTokenizer({
    tokenizer: stored('tokenizer.json'),
    config: stored('tokenizer_config.json'),
  });

  it('is what its corpus gives', () => {
    const made = demoTokenizer(corpus);
    assert.deepEqual(made.tokenizer, stored('tokenizer.json'));
    assert.deepEqual(made.config, stored('tokenizer_config.json'));
  });

  it('has the vocabulary of config.json, <|endoftext|> last', () => {
    assert.equal(tokenizer.vocabularySize, shape.vocabulary);
    assert.equal(tokenizer.eosId, shape.vocabulary - 1);
    assert.deepEqual(tokenizer.encode('<|endoftext|>'), [shape.vocabulary - 1]);
  });

  it('gives the whole corpus back, each document within the positions of the model', () => {
    const documents = tokenizeCorpus(corpus, tokenizer);
    corpus.forEach((text, i) => {
      const ids = documents[i] ?? [];
      assert.ok(ids.length < shape.positions);
      assert.equal(tokenizer.decode(ids, { skipSpecialTokens: true }), text);
    });
    assert.ok(documents.flat().length < 650_000);
  });
});
