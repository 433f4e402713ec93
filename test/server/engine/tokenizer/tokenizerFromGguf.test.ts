import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import { tokenizerFromGguf } from '../../../../server/engine/tokenizer/tokenizerFromGguf.ts';
import type { GgufMetadata, GgufValue } from '../../../../server/engine/weights/ggufMetadata.ts';

interface OracleCase {
  readonly case: string;
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly lines: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly special: readonly number[];
    readonly decoded?: string;
  }[];
}

const oracle = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../oracles/gguf/tokenizers.json'), 'utf8'),
) as readonly OracleCase[];

const metadataOf = (values: Readonly<Record<string, GgufValue>>): GgufMetadata => new Map(Object.entries(values));
const first = metadataOf(oracle[0]!.metadata);
const byteLevel = metadataOf(oracle[2]!.metadata);

describe('tokenizerFromGguf', () => {
  for (const { case: name, metadata, lines } of oracle) {
    describe(`${name}: as Transformers`, () => {
      const tokenizer = createTokenizer(tokenizerFromGguf(metadataOf(metadata))!);
      const differing = (give: (line: OracleCase['lines'][number]) => [unknown, unknown]): unknown[] =>
        lines.map(give).filter(([ours, theirs]) => JSON.stringify(ours) !== JSON.stringify(theirs));

      it(`gives the ids of ${lines.length} lines`, () => {
        assert.deepEqual(
          differing(({ text, ids }) => [tokenizer.encode(text), ids]),
          [],
        );
      });

      it('adds the same special tokens', () => {
        assert.deepEqual(
          differing(({ text, special }) => [tokenizer.encode(text, { addSpecialTokens: true }), special]),
          [],
        );
      });

      it('decodes to the same text', () => {
        assert.deepEqual(
          differing(({ text, ids, decoded }) => [tokenizer.decode(ids), decoded ?? text]),
          [],
        );
      });
    });
  }

  it('knows the special ids, and pad only where the file names one', () => {
    const tokenizer = createTokenizer(tokenizerFromGguf(first)!);
    assert.deepEqual([tokenizer.bosId, tokenizer.eosId, tokenizer.padId], [1, 2, undefined]);
    assert.equal(tokenizer.vocabularySize, 520);
  });

  it('leaves out the leading space where the file says so', () => {
    const plain = createTokenizer(
      tokenizerFromGguf(new Map([...first, ['tokenizer.ggml.add_space_prefix', false as const]]))!,
    );
    assert.deepEqual(
      plain
        .encode('the')
        .map((id) => plain.tokenText(id))
        .join(''),
      'the',
    );
    assert.match(createTokenizer(tokenizerFromGguf(first)!).tokenText(plain.encode(' the')[0]!)!, /^▁/);
    assert.equal(plain.decode(plain.encode(' the')), ' the');
  });

  it('has no tokenizer where the metadata has none', () => {
    assert.equal(tokenizerFromGguf(new Map()), undefined);
  });

  const refused: [string, GgufMetadata, string, Record<string, GgufValue | undefined>, RegExp][] = [
    ['an unknown kind', first, 'tokenizer', { 'tokenizer.ggml.model': 'bert' }, /kind bert is not supported/],
    [
      'an unknown pre-tokenizer',
      byteLevel,
      'tokenizer',
      { 'tokenizer.ggml.pre': 'viking' },
      /pre-tokenizer viking is not known.*Known are/,
    ],
    ['missing tokens', first, 'model', { 'tokenizer.ggml.tokens': undefined }, /tokens is missing/],
    ['tokens of another type', first, 'model', { 'tokenizer.ggml.tokens': [1, 2] }, /tokens is not a list of texts/],
    ['missing merges', byteLevel, 'model', { 'tokenizer.ggml.merges': undefined }, /merges is missing/],
    ['too few scores', first, 'model', { 'tokenizer.ggml.scores': [0] }, /has 1 values for 520 tokens/],
    [
      'a special id outside the vocabulary',
      first,
      'model',
      { 'tokenizer.ggml.bos_token_id': 520 },
      /is 520, but there are 520 tokens/,
    ],
  ];
  for (const [what, base, code, change, message] of refused) {
    it(`refuses ${what}`, () => {
      const changed = new Map(
        [...base, ...Object.entries(change)].flatMap(([k, v]): [string, GgufValue][] =>
          v === undefined || (k in change && v !== change[k]) ? [] : [[k, v]],
        ),
      );
      assert.throws(() => tokenizerFromGguf(changed), { name: 'RankscopeError', code, message });
    });
  }
});
