/** Chats under templates of well-known models, with what Transformers and TRL make of them: see test/oracles/chat_templates.py. */
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
const { templates: all, conversations } = read('chatTemplates.json.gz') as Oracle;
export const templates = all;
export const bases = read('tokenizers.json.gz') as readonly { readonly case: string; readonly tokenizer: JsonObject }[];

const digest = (values: readonly (number | boolean)[]): string =>
  createHash('sha256').update(values.map(Number).join(',')).digest('hex').slice(0, 12);

export function tokenizerOf({ base, config, added, template }: Oracle['templates'][number]): Tokenizer {
  const tokenizer = bases.find((one) => one.case === base)?.tokenizer ?? {};
  const tokens = [...(tokenizer.added_tokens as readonly JsonObject[]), ...added];
  return createTokenizer({ tokenizer: { ...tokenizer, added_tokens: tokens }, config }, template);
}

/** Throws where the ids or labels of one conversation in `step` are not the oracle's, or it is not refused as there. */
export function assertChats(template: Oracle['templates'][number], step: number): void {
  const encoder = new ChatEncoder(tokenizerOf(template));
  conversations.forEach((turns, i) => {
    if (i % step !== 0) return;
    const expected = template.results[i];
    if (expected) assertChat(encoder, turns, expected, `of ${i}`);
    else assert.throws(() => encoder.conversation(turns, 'all'), { code: 'tokenizer' });
  });
}

type Result = NonNullable<Oracle['templates'][number]['results'][number]>;

function assertChat(encoder: ChatEncoder, turns: Turns, [prompt, ids, all, last]: Result, which: string): void {
  const lastAnswer = turns.findLastIndex(({ role }) => role === 'assistant');
  assert.equal(digest(encoder.prompt(turns.slice(0, lastAnswer))), prompt, `the prompt ${which}`);
  const learnt = encoder.conversation(turns, 'last');
  assert.equal(digest(learnt.ids), ids, `the ids ${which}`);
  assert.equal(digest(learnt.isLabel), last, `the last answer ${which}`);
  if (all === null) {
    assert.throws(() => encoder.conversation(turns, 'all'), { code: 'data', message: /otherwise once there are/ });
  } else {
    assert.equal(digest(encoder.conversation(turns, 'all').isLabel), all, `all answers ${which}`);
  }
}
