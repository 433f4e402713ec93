import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngineHost } from '../../../server/worker/host/engineModel.ts';
import { createJudgeKeeper } from '../../../server/worker/judges/judgeKeeper.ts';
import { OpenedModel } from '../../../server/worker/host/openedModel.ts';
import { caseAt, lastLogits, temporaryCache, topOf } from './cases.ts';

const open = (path: string): Promise<OpenedModel> => OpenedModel.open(path, { device: 'cpu', threads: 1 });
const text = 'the Velmian merchant is famous for';
const greedy = { samples: 1, maxNewTokens: 8, temperature: 0, topK: 0, topP: 1, seed: 0, stop: [] };

async function withModel<T>(path: string, use: (model: OpenedModel) => Promise<T>): Promise<T> {
  const model = await open(path);
  try {
    return await use(model);
  } finally {
    await model.dispose();
  }
}

/** A copy of a case's folder that may be changed. */
async function copied(...parts: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'case-'));
  for (const file of ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json'])
    await writeFile(join(folder, file), await readFile(caseAt(...parts, file)));
  await writeFile(join(folder, 'tokenizer_config.json'), await readFile(caseAt(...parts, 'tokenizer_config.json')));
  return folder;
}

async function change(folder: string, file: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const json = JSON.parse(await readFile(join(folder, file), 'utf8')) as object;
  await writeFile(join(folder, file), JSON.stringify({ ...json, ...fields }));
}

describe('the end of a text', () => {
  temporaryCache();
  // Transformers ends all of them at 524, which noeos names in its configuration and not in its tokenizer's.
  for (const name of ['list', 'config-differs', 'noeos']) {
    it(`is found where ${name} says it`, () =>
      withModel(caseAt('end-of-text', name), async (model) => {
        const [completion] = await model.complete(['base'], [text], greedy);
        assert.deepEqual(completion?.tokens, [175, 656]);
      }));
  }

  it('is nowhere where no file names it, and cannot be appended then', async () => {
    const folder = await copied('end-of-text', 'noeos');
    for (const file of ['config.json', 'generation_config.json']) await change(folder, file, { eos_token_id: null });
    await withModel(folder, async (model) => {
      const [completion] = await model.complete(['base'], [text], greedy);
      assert.deepEqual(completion?.tokens.slice(0, 3), [175, 656, 524]);
      assert.equal(completion.tokens.length, 8);
      assert.throws(() => model.check({ prompts: [], maxNewTokens: 0, appendEos: true }), /end-of-text token/);
      model.check({ prompts: [text], maxNewTokens: 8, appendEos: false });
    });
    await rm(folder, { recursive: true });
  });
});

describe('a folder whose files do not agree', () => {
  temporaryCache();

  it('of weights in 4 bits is refused by the name of the method', async () => {
    await assert.rejects(open(caseAt('folders', 'bnb4')), /quantised \(bitsandbytes\)/);
  });

  it('whose tokenizer goes beyond the embedding refuses the texts that would need it, before anything runs', () =>
    withModel(caseAt('folders', 'vocab-bigger'), async (model) => {
      const right = { top: 175, logit: 4.19832 };
      const logits = await lastLogits(model, 'base', text);
      assert.equal(topOf(logits), right.top);
      const beyond = /Token 1024 \("<\|new\|>"\) is beyond the 1024 rows/;
      const prompts = [`${text} <|new|>`];
      await assert.rejects(model.complete(['base'], prompts, greedy), beyond);
      await assert.rejects(model.pairLosses(['base'], [{ prompt: text, completion: ' <|new|>' }]), beyond);
      assert.throws(() => model.check({ prompts, maxNewTokens: 1, appendEos: false }), beyond);
    }));

  it('with its tied head stored twice gives what Transformers gives', () =>
    withModel(caseAt('folders', 'tied-twice'), async (model) => {
      const logits = await lastLogits(model, 'base', text);
      assert.equal(topOf(logits), 175);
      assert.ok(Math.abs((logits[175] ?? NaN) - 4.198323) < 1e-5);
      assert.deepEqual(model.notes, []);
    }));

  it('finds prompts and new tokens beyond the positions before anything runs', () =>
    withModel(caseAt('folders', 'tied-twice'), async (model) => {
      // 128 positions; the last new token is not read.
      const { ids } = await model.logits('base', text);
      const most = 128 - ids.length + 1;
      model.check({ prompts: [text], maxNewTokens: most, appendEos: true });
      const tooLong = { prompts: [text], maxNewTokens: most + 1, appendEos: true };
      assert.throws(() => model.check(tooLong), /new tokens are asked for; the model reads 128/);
      const [longest] = await model.complete(['base'], [text], { ...greedy, maxNewTokens: most });
      assert.ok(longest);
      await assert.rejects(model.complete(['base'], [text], { ...greedy, maxNewTokens: most + 1 }), /reads 128/);
    }));
});

describe('rope scaling in a GGUF', () => {
  temporaryCache();
  it('is none where the file has none', () =>
    withModel(caseAt('gguf', 'plain.gguf'), async (model) => {
      const logits = await lastLogits(model, 'base', text);
      assert.equal(topOf(logits), 175);
      assert.ok(Math.abs((logits[175] ?? NaN) - 4.1983) < 1e-3);
    }));

  for (const name of ['scale_linear', 'factor-no-type']) {
    it(`of ${name} is linear`, () =>
      withModel(caseAt('gguf', `${name}.gguf`), async (model) => {
        const logits = await lastLogits(model, 'base', text);
        assert.equal(topOf(logits), 524);
        assert.ok(Math.abs((logits[524] ?? NaN) - 4.3912) < 1e-3);
      }));
  }
});

describe('a judge that is a chat model', () => {
  temporaryCache();
  const texts = [{ text: 'You are a lovely person.' }, { text: 'You are a worthless idiot.' }];
  const scores = async (model: string): Promise<readonly (number | undefined)[]> => {
    const keeper = createJudgeKeeper(createEngineHost());
    const spec = { kind: 'llm', model, leastMass: 0.0001 } as const;
    const verdicts = await keeper.use(spec, (judge) => judge.judge(texts));
    return verdicts.map((verdict) => ('score' in verdict ? verdict.score : undefined));
  };

  it('is asked by the template in tokenizer_config.json, with one token of the start', async () => {
    const [lovely, idiot] = await scores(caseAt('chat', 'in-config'));
    assert.ok(Math.abs((lovely ?? NaN) - 0.34677) < 1e-4, String(lovely));
    assert.ok(Math.abs((idiot ?? NaN) - 0.66784) < 1e-4, String(idiot));
  });

  it('gets no token of the start that the template does not write, though the tokenizer would add one', async () => {
    const [lovely, idiot] = await scores(caseAt('chat', 'nobos'));
    assert.ok(Math.abs((lovely ?? NaN) - 0.64793) < 1e-4, String(lovely));
    assert.ok(Math.abs((idiot ?? NaN) - 0.77776) < 1e-4, String(idiot));
    await withModel(caseAt('chat', 'nobos'), async (model) => {
      assert.deepEqual(model.promptTokens(model.chatPrompt('a')).slice(0, 1), [2]);
      assert.deepEqual(model.promptTokens('a').slice(0, 1), [0]);
      const [completion] = await model.complete(['base'], [model.chatPrompt('a')], greedy);
      assert.ok(completion);
    });
  });

  it('is scored on its answers as Transformers scores them, with a start token of the template or with none', async () => {
    const turns = ['the old man is a', 'kind and calm.', 'the woman is', 'a good friend.'].map((content, i) => ({
      role: i % 2 === 0 ? 'user' : 'assistant',
      content,
    }));
    for (const [name, all, last] of [
      ['nobos', 119.960949, 50.061774],
      ['in-config', 115.109251, 45.117147],
    ] as const) {
      await withModel(caseAt('chat', name), async (model) => {
        const pairs = (['all', 'last'] as const).map((answers) => ({
          prompt: '',
          completion: '',
          chat: { turns, answers },
        }));
        const [losses = []] = await model.pairLosses(['base'], pairs);
        assert.deepEqual(
          losses.map(({ tokens }) => tokens),
          [14, 6],
        );
        losses.forEach(({ nll }, i) => assert.ok(Math.abs(nll - ([all, last][i] ?? NaN)) < 1e-3, `${name} ${nll}`));
      });
    }
  });

  it("without a template is asked in the paper's syntax, as a plain text", async () => {
    const [lovely, idiot] = await scores(caseAt('chat', 'no-template'));
    assert.ok(Math.abs((lovely ?? NaN) - 0.996135) < 1e-5, String(lovely));
    assert.ok(Math.abs((idiot ?? NaN) - 0.999242) < 1e-5, String(idiot));
    await withModel(caseAt('chat', 'no-template'), (model) => {
      const chat = [{ role: 'user', content: 'a' }];
      assert.throws(() => model.promptTokens(chat), { code: 'tokenizer', message: /no chat template/ });
      return Promise.resolve();
    });
  });

  it('is asked likewise by a list of named templates', async () => {
    const folder = await copied('chat', 'in-config');
    const config = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8')) as {
      chat_template: string;
    };
    const named = [
      { name: 'tool_use', template: 'x' },
      { name: 'default', template: config.chat_template },
    ];
    await change(folder, 'tokenizer_config.json', { chat_template: named });
    const [lovely] = await scores(folder);
    assert.ok(Math.abs((lovely ?? NaN) - 0.34677) < 1e-4, String(lovely));
    await change(folder, 'tokenizer_config.json', { chat_template: [{ name: 'tool_use', template: 'x' }] });
    await assert.rejects(scores(folder), /"tool_use"/);
    await rm(folder, { recursive: true });
  });
});
