import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ChatEncoder } from '../../../../server/engine/tokenizer/chatEncoder.ts';
import { createTokenizer, type Tokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import type { JsonObject } from '../../../../server/engine/weights/checkpoint.ts';

type Turns = readonly { readonly role: string; readonly content: string }[];

/** See test/oracles/chat_templates.py. */
interface Oracle {
  readonly templates: readonly {
    readonly name: string;
    readonly template: string;
    readonly base: string;
    readonly config: JsonObject;
    readonly added: readonly JsonObject[];
    readonly results: readonly (readonly [prompt: string, ids: string, all: string | null, last: string] | null)[];
  }[];
  readonly conversations: readonly Turns[];
}

const read = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, '../../../oracles', name))).toString());
const { templates, conversations } = read('chatTemplates.json.gz') as Oracle;
const bases = read('tokenizers.json.gz') as readonly { readonly case: string; readonly tokenizer: JsonObject }[];

const digest = (values: readonly (number | boolean)[]): string =>
  createHash('sha256').update(values.map(Number).join(',')).digest('hex').slice(0, 12);

function tokenizerOf({ base, config, added, template }: Oracle['templates'][number]): Tokenizer {
  const tokenizer = bases.find((one) => one.case === base)?.tokenizer ?? {};
  const tokens = [...(tokenizer.added_tokens as readonly JsonObject[]), ...added];
  return createTokenizer({ tokenizer: { ...tokenizer, added_tokens: tokens }, config }, template);
}

describe('chats under the templates of well-known models', () => {
  for (const template of templates) {
    const encoder = new ChatEncoder(tokenizerOf(template));

    it(`of ${template.name} have the ids and labels of Transformers and TRL, or are refused as there`, () => {
      conversations.forEach((turns, i) => {
        const expected = template.results[i];
        if (!expected) {
          assert.throws(() => encoder.conversation(turns, 'all'), { code: 'tokenizer' });
          return;
        }
        const [prompt, ids, all, last] = expected;
        const lastAnswer = turns.findLastIndex(({ role }) => role === 'assistant');
        assert.equal(digest(encoder.prompt(turns.slice(0, lastAnswer))), prompt, `the prompt of ${i}`);
        const learnt = encoder.conversation(turns, 'last');
        assert.equal(digest(learnt.ids), ids, `the ids of ${i}`);
        assert.equal(digest(learnt.isLabel), last, `the last answer of ${i}`);
        if (all === null) {
          assert.throws(() => encoder.conversation(turns, 'all'), {
            code: 'data',
            message: /otherwise once there are/,
          });
        } else {
          assert.equal(digest(encoder.conversation(turns, 'all').isLabel), all, `all answers of ${i}`);
        }
      });
    });
  }

  it('end answers with a special token of the template', () => {
    const ends = Object.fromEntries(
      templates.map((template) => {
        const tokenizer = tokenizerOf(template);
        const { turnEnd } = new ChatEncoder(tokenizer);
        return [template.name, turnEnd === undefined ? undefined : tokenizer.decode([turnEnd])];
      }),
    );
    assert.equal(ends.ChatML, '<|im_end|>');
    assert.equal(ends['Llama 3.1'], '<|eot_id|>');
    assert.equal(ends['Phi-3'], '<|end|>');
    assert.equal(ends.Mistral, '</s>');
    const without = createTokenizer({ tokenizer: bases[2]?.tokenizer ?? {}, config: {} });
    assert.equal(new ChatEncoder(without).turnEnd, undefined);
  });

  it('are ten and more, each with a hundred conversations', () => {
    assert.ok(templates.length >= 10);
    for (const { results } of templates) assert.equal(results.length, 100);
    assert.ok(templates.every(({ results }) => results.filter((one) => one !== null).length >= 75));
  });
});
