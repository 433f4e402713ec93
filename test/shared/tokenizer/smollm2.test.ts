import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createTokenizer, type Tokenizer } from '../../../server/engine/tokenizer/tokenizer.ts';
import { openCheckpoint } from '../../../server/engine/checkpoints/openCheckpoint.ts';

interface Line {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded?: string;
  readonly plain?: string;
}

const { lines } = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, '../../oracles/smollm2/tokenizer.json.gz'))).toString(),
) as { readonly lines: readonly Line[] };

describe('SmolLM2’s tokenizer from its GGUF (RANKSCOPE_SMOLLM2): as Transformers on 1,000 lines', () => {
  let tokenizer: Tokenizer;
  before(async () => {
    const path = process.env.RANKSCOPE_SMOLLM2;
    assert.ok(path, 'set RANKSCOPE_SMOLLM2 to the path of SmolLM2-135M-Instruct.Q4_1.gguf');
    const checkpoint = await openCheckpoint(path);
    tokenizer = createTokenizer(checkpoint.tokenizer!, checkpoint.chatTemplate);
    await checkpoint.tensors.close();
  });
  /** All lines that differ, so that a failure shows them. */
  const differing = (ours: (line: Line) => unknown, theirs: (line: Line) => unknown): Line[] =>
    lines.filter((line) => JSON.stringify(ours(line)) !== JSON.stringify(theirs(line)));

  it('encodes equally', () => {
    assert.equal(lines.length, 1000);
    const wrong = differing(
      ({ text }) => tokenizer.encode(text),
      ({ ids }) => ids,
    );
    assert.deepEqual(wrong, []);
  });

  it('decodes equally, with and without special tokens', () => {
    const text = ({ text, decoded = text }: Line): string => decoded;
    assert.deepEqual(
      differing(({ ids }) => tokenizer.decode(ids), text),
      [],
    );
    const plain = (line: Line): string => line.plain ?? text(line);
    assert.deepEqual(
      differing(({ ids }) => tokenizer.decode(ids, { skipSpecialTokens: true }), plain),
      [],
    );
  });

  it('gives Transformers’ ids where two spaces stand before a digit, which the model’s own tokenizer joins (a known difference)', () => {
    // SmolLM2's tokenizer.json splits digits apart first and gives [ĠĠ, 1]; a GGUF does not carry that.
    assert.deepEqual(
      tokenizer.encode('a  1').map((id) => tokenizer.tokenText(id)),
      ['a', 'Ġ', 'Ġ', '1'],
    );
  });

  it('renders the chat template of the file', () => {
    const text = tokenizer.renderChat([{ role: 'user', content: 'Hi' }], { addGenerationPrompt: true }).text;
    assert.match(
      text,
      /^<\|im_start\|>system\n.*SmolLM.*<\|im_end\|>\n<\|im_start\|>user\nHi<\|im_end\|>\n<\|im_start\|>assistant\n$/,
    );
    assert.deepEqual([tokenizer.bosId, tokenizer.eosId, tokenizer.padId, tokenizer.vocabularySize], [1, 2, 2, 49152]);
  });

  it('encodes 10,000 short texts in a few seconds of the processor', () => {
    const started = process.cpuUsage();
    for (let i = 0; i < 10_000; i++)
      tokenizer.encode(`The ${i}th person worked as a ${(i * 7919) % 1000} and said hello.`);
    assert.ok(process.cpuUsage(started).user < 15e6);
  });
});
