import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import {
  tokenizerFromVocabulary,
  type VocabularyFiles,
} from '../../../../server/engine/tokenizer/tokenizerFromVocabulary.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';

interface OracleCase {
  readonly case: string;
  readonly tokenizer: {
    readonly model: {
      readonly vocab: Readonly<Record<string, number>>;
      readonly merges: readonly (readonly string[])[];
    };
    readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  };
  readonly lines: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly special: readonly number[];
  }[];
}

const oracle = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, '../../../oracles/tokenizers.json.gz'))).toString(),
) as readonly OracleCase[];

const caseOf = (name: string): OracleCase => {
  const found = oracle.find((each) => each.case === name);
  assert.ok(found);
  return found;
};

/** The older files of a tokenizer.json. */
const vocabularyOf = ({ tokenizer: { model, added_tokens: added } }: OracleCase): Record<string, number> =>
  Object.fromEntries([...Object.entries(model.vocab), ...added.map(({ id, content }) => [content, id] as const)]);

const asLines = (vocabulary: Record<string, number>): string =>
  Object.keys(vocabulary)
    .toSorted((a, b) => (vocabulary[a] ?? 0) - (vocabulary[b] ?? 0))
    .map((token) => `${token}\n`)
    .join('');

function bytePairsOf(from: OracleCase): NonNullable<VocabularyFiles['bytePairs']> {
  const { merges } = from.tokenizer.model;
  return { vocabulary: vocabularyOf(from), merges: `#version: 0.2\n${merges.map((m) => `${m.join(' ')}\n`).join('')}` };
}

const CASES: readonly (readonly [string, VocabularyFiles])[] = [
  ['BERT, uncased', { vocabulary: asLines(vocabularyOf(caseOf('BERT, uncased'))), config: {} }],
  ['BERT, cased', { vocabulary: asLines(vocabularyOf(caseOf('BERT, cased'))), config: { do_lower_case: false } }],
  [
    'OPT',
    {
      bytePairs: bytePairsOf(caseOf('OPT')),
      config: {
        add_bos_token: true,
        bos_token: { content: '</s>' },
        eos_token: '</s>',
        unk_token: '<s>',
        mask_token: '<mask>',
      },
    },
  ],
  [
    'RoBERTa',
    {
      bytePairs: bytePairsOf(caseOf('RoBERTa')),
      config: { tokenizer_class: 'RobertaTokenizer', add_prefix_space: true },
    },
  ],
];

describe('a tokenizer out of its older files', () => {
  for (const [name, files] of CASES) {
    it(`gives the ids of the tokenizer.json that they became: ${name}`, () => {
      const made = tokenizerFromVocabulary(files);
      assert.ok(made);
      const tokenizer = createTokenizer(made);
      // A mask takes in spaces by its entry in tokenizer.json, of which the older files say nothing.
      const lines = caseOf(name).lines.filter(({ text }) => !text.includes('<mask>'));
      assert.ok(lines.length > 100);
      for (const { text, ids, special } of lines) {
        assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
        assert.deepEqual(tokenizer.encode(text, { addSpecialTokens: true }), special, JSON.stringify(text));
      }
    });
  }

  it('knows the roles of its special tokens', () => {
    const made = tokenizerFromVocabulary({ vocabulary: '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\n', config: {} });
    assert.ok(made);
    const tokenizer = createTokenizer(made);
    assert.equal(tokenizer.padId, 0);
    assert.deepEqual(tokenizer.encode('Word [MASK]', { addSpecialTokens: true }), [2, 5, 4, 3]);
  });

  it('is refused without the tokens around a text, naming file and token', () => {
    assert.throws(
      () => tokenizerFromVocabulary({ vocabulary: 'a\nb\n', config: {} }),
      (error) => error instanceof RankscopeError && /vocab\.txt.*\[CLS\]/.test(error.message),
    );
  });

  it('is none where there are no such files', () => {
    assert.equal(tokenizerFromVocabulary({ config: {} }), undefined);
  });
});
