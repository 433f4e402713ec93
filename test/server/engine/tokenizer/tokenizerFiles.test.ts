import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import type { JsonObject } from '../../../../server/engine/weights/checkpoint.ts';

interface OracleCase {
  readonly case: string;
  readonly tokenizer: JsonObject;
  readonly lines: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly special: readonly number[];
    readonly decoded: string;
  }[];
}

const oracle = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, '../../../oracles/tokenizers.json.gz'))).toString(),
) as readonly OracleCase[];

describe('tokenizer.json of each family: as Rust tokenizers', () => {
  it('covers BERT, Llama, OPT and their relatives', () => {
    assert.deepEqual(
      oracle.map(({ case: name }) => name),
      ['BERT, uncased', 'BERT, cased', 'Llama 2', 'Llama 3', 'OPT', 'RoBERTa', 'SmolLM2'],
    );
  });

  for (const { case: name, tokenizer: file, lines } of oracle) {
    it(`${name}: ids of ${lines.length} lines, special tokens, decoded text`, () => {
      const tokenizer = createTokenizer({ tokenizer: file, config: {} });
      const ours = lines.map(({ text, ids }) => ({
        text,
        ids: tokenizer.encode(text),
        special: tokenizer.encode(text, { addSpecialTokens: true }),
        decoded: tokenizer.decode(ids),
      }));
      const wrong = ours.filter((line, i) => JSON.stringify(line) !== JSON.stringify(lines[i]));
      assert.deepEqual(wrong, []);
    });
  }
});
