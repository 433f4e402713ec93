import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RankscopeError, type ErrorCode } from '../../../../server/protocol/errors.ts';
import type { OpenModel } from '../../../../server/worker/host/engineHost.ts';
import { OpenedModel } from '../../../../server/worker/host/openedModel.ts';

const demo = join(import.meta.dirname, '../../../../examples/demo/model');

describe('texts that a model will be asked about', () => {
  let folder: string;
  let model: OpenModel;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankscope-texts-'));
    model = await OpenedModel.open(demo, { device: 'cpu', threads: 1 });
  });
  after(async () => {
    await model.dispose();
    await rm(folder, { recursive: true });
  });

  const withCode = (code: ErrorCode, pattern: RegExp) => (error: unknown) =>
    error instanceof RankscopeError && error.code === code && pattern.test(error.message);
  const appendEos = false;
  const words = (count: number): string => Array.from({ length: count }, () => 'the').join(' ');

  it('fit where the model has a position for every token that it reads', async () => {
    const prompts = [words(58)];
    model.check({ prompts, maxNewTokens: 7, appendEos });
    assert.throws(
      () => model.check({ prompts, maxNewTokens: 8, appendEos }),
      withCode('data', /58 tokens and 8 new tokens are asked for; the model reads 64.*at most 7 new tokens/),
    );
    const sampling = { samples: 1, temperature: 0, topK: 0, topP: 1, seed: 0, stop: [] };
    const [completion] = await model.complete(['base'], prompts, { ...sampling, maxNewTokens: 7 });
    assert.ok((completion?.tokens.length ?? 0) <= 7);
    await assert.rejects(
      model.complete(['base'], prompts, { ...sampling, maxNewTokens: 1e9 }),
      withCode('data', /1000000000 new tokens are asked for/),
    );
  });

  it('are refused where the tokenizer gives a token that the model has no row of', async () => {
    await cp(demo, folder, { recursive: true });
    const path = join(folder, 'tokenizer.json');
    const tokenizer = JSON.parse(await readFile(path, 'utf8')) as { added_tokens: object[] };
    const flags = { special: false, single_word: false, lstrip: false, rstrip: false, normalized: false };
    tokenizer.added_tokens.push({ id: 1_500, content: '[BEYOND]', ...flags });
    await writeFile(path, JSON.stringify(tokenizer));
    const other = await OpenedModel.open(folder, { device: 'cpu', threads: 1 });
    try {
      other.check({ prompts: ['the'], maxNewTokens: 1, appendEos });
      const isBeyond = withCode('data', /Token 1500 \("\[BEYOND\]"\) is beyond the 1024 rows/);
      assert.throws(() => other.check({ prompts: ['the [BEYOND]'], maxNewTokens: 1, appendEos }), isBeyond);
      const pairs = [{ prompt: 'the', completion: ' [BEYOND]' }];
      assert.throws(() => other.check({ prompts: [], maxNewTokens: 1, pairs, appendEos }), isBeyond);
    } finally {
      await other.dispose();
    }
  });
});
