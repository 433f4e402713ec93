import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHuggingFaceFolder } from '../../../../server/engine/checkpoints/openHuggingFaceFolder.ts';
import type { Pair } from '../../../../server/experiments/ports/modelPort.ts';
import type { OpenModel } from '../../../../server/worker/host/engineHost.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { mergeAdapter } from '../../../../server/worker/requests/mergeAdapter.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';
import { fullPlan, loraPlan, plainTraining } from '../training/trainingPlans.ts';

const template =
  "{% for m in messages %}{{ '[' + m.role + '] ' + m.content + eos_token }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '[assistant] ' }}{% endif %}";
const [start, end] = ['[assistant]', '<|endoftext|>'];
const turns = [
  { role: 'user', content: 'The woman' },
  { role: 'assistant', content: 'worked as a nurse.' },
  { role: 'user', content: 'The man' },
  { role: 'assistant', content: 'was kind.' },
];
/** The conversation before each of its answers, up to where the answer begins, and the answer with its end. */
const first = { prompt: `[user] The woman${end}${start}`, completion: ` worked as a nurse.${end}` };
const second = {
  prompt: `${first.prompt}${first.completion}[user] The man${end}${start}`,
  completion: ` was kind.${end}`,
};
const chatPair = (answers: 'all' | 'last'): Pair => ({ prompt: '', completion: '', chat: { turns, answers } });

describe('an opened model with a chat template', () => {
  const folder = temporaryFolder();
  const generation = { eos_token_id: [1023, 7] };
  let model: OpenModel;
  before(async () => {
    cpSync('examples/demo/model', folder.path, { recursive: true });
    writeFileSync(join(folder.path, 'chat_template.jinja'), template);
    writeFileSync(join(folder.path, 'generation_config.json'), JSON.stringify(generation));
    model = await createEngineHost().openModel(folder.path, { device: 'cpu', threads: 1 });
  });
  after(async () => {
    await model.dispose();
    folder.remove();
  });

  const losses = async (pairs: readonly Pair[]) => (await model.pairLosses(['base'], pairs))[0] ?? [];

  it('reads the opening of an answer as its template writes it', () => {
    const ids = model.promptTokens([{ role: 'user', content: 'The woman' }]);
    assert.deepEqual(ids, model.promptTokens(`[user] The woman${end}[assistant] `));
    assert.ok(model.hasChatTemplate);
  });

  it('scores the last answer of a conversation as the text that it is behind the others', async () => {
    const [chat, plain] = await losses([chatPair('last'), second]);
    assert.ok(chat && plain);
    assert.equal(chat.tokens, plain.tokens);
    assert.ok(Math.abs(chat.nll - plain.nll) < 1e-3, `${chat.nll} ${plain.nll}`);
  });

  it('scores all answers of a conversation as the sum of each behind those before it', async () => {
    const [chat, a, b] = await losses([chatPair('all'), first, second]);
    assert.ok(chat && a && b);
    assert.equal(chat.tokens, a.tokens + b.tokens);
    assert.ok(Math.abs(chat.nll - a.nll - b.nll) < 1e-3, `${chat.nll} ${a.nll + b.nll}`);
  });

  it('learns all answers in one example, whose loss is that of its labels', async () => {
    const seen: number[] = [];
    const options = { ...plainTraining, length: { steps: 1 }, batchSize: 1, appendEos: true, maxLength: 64 };
    const train = (answers: 'all' | 'last', id: string) =>
      model.train([{ ...loraPlan(2, 1e-3), id }], [chatPair(answers)], options, {
        onStep: ({ loss }) => seen.push(loss),
        onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
        onBoundary: () => Promise.resolve({ stop: [] }),
      });
    await train('all', 'r2');
    await train('last', 'r2-last');
    const scored = await losses([chatPair('all'), chatPair('last')]);
    // Before its first step an arm is the base.
    const expected = scored.map(({ nll, tokens }) => nll / tokens);
    seen.forEach((loss, i) => assert.ok(Math.abs(loss - (expected[i] ?? NaN)) < 1e-4, `${loss} ${expected[i] ?? ''}`));
    assert.equal(seen.length, 2);
  });

  it('says which conversations were cut, and refuses those of which no answer is left', async () => {
    const callbacks = {
      onStep: () => undefined,
      onArmFailed: (arm: string, { what }: { readonly what: string }) => assert.fail(`${arm}: ${what}`),
      onBoundary: () => Promise.resolve({ stop: [] }),
    };
    const options = { ...plainTraining, length: { steps: 1 }, batchSize: 1, appendEos: true };
    const cutAt = (maxLength: number) =>
      model.train([{ ...loraPlan(2, 1e-3), id: 'cut' }], [chatPair('all')], { ...options, maxLength }, callbacks);
    const before = model.promptTokens(second.prompt).length;
    await cutAt(before);
    assert.match(model.notes?.join('\n') ?? '', /1 of 1 conversations .* longer than "training.maxLength"/);
    await assert.rejects(async () => cutAt(4), { code: 'data', message: /first 4 tokens.*training\.maxLength/ });
  });

  it('ends an answer where its turn does, though no file of the model names that token', async () => {
    const other = join(folder.path, 'other');
    cpSync('examples/demo/model', other, { recursive: true });
    const tokenizer = JSON.parse(readFileSync(join(other, 'tokenizer.json'), 'utf8')) as { added_tokens: object[] };
    tokenizer.added_tokens.push({ ...tokenizer.added_tokens[0], id: 1022, content: '<|end|>' });
    writeFileSync(join(other, 'tokenizer.json'), JSON.stringify(tokenizer));
    writeFileSync(join(other, 'chat_template.jinja'), template.replaceAll('eos_token', "'<|end|>'"));
    const ended = await createEngineHost().openModel(other, { device: 'cpu', threads: 1 });
    const answer = { prompt: '', completion: '', chat: { turns: turns.slice(2), answers: 'all' as const } };
    const options = { ...plainTraining, length: { steps: 40 }, batchSize: 1, appendEos: true, maxLength: 64 };
    await ended.train([fullPlan(3e-3)], [answer], options, {
      onStep: () => undefined,
      onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
      onBoundary: () => Promise.resolve({ stop: [] }),
    });
    const greedy = { samples: 1, maxNewTokens: 20, temperature: 0, topK: 0, topP: 1, seed: 0, stop: [] };
    const [completion] = await ended.complete(['full'], [turns.slice(2, 3)], greedy);
    await ended.dispose();
    assert.equal(completion?.text.trim(), 'was kind.');
    assert.ok(!completion.tokens.includes(1022));
  });

  it('is kept with its template, generation configuration and tokenizer in merged and full exports', async () => {
    const options = { ...plainTraining, length: { steps: 1 }, batchSize: 1, appendEos: true, maxLength: 64 };
    await model.train([loraPlan(2, 1e-3), fullPlan(1e-4)], [first], options, {
      onStep: () => undefined,
      onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
      onBoundary: () => Promise.resolve({ stop: [] }),
    });
    const [adapter, merged, full] = ['adapter', 'merged', 'full'].map((name) => join(folder.path, name));
    for (const each of [adapter, merged, full]) mkdirSync(each!);
    await model.saveArm('r2', adapter!);
    await model.saveArm('full', full!);
    await mergeAdapter({ model: folder.path, adapter: adapter!, to: merged! }, new AbortController().signal);
    const json = (...parts: readonly string[]): unknown => JSON.parse(readFileSync(join(...parts), 'utf8'));
    for (const each of [merged!, full!]) {
      const opened = await openHuggingFaceFolder(each);
      assert.equal(opened.chatTemplate, template);
      assert.deepEqual(opened.generation, generation);
      assert.deepEqual(opened.tokenizer?.tokenizer, json(folder.path, 'tokenizer.json'));
      assert.deepEqual(opened.tokenizer?.config, json(folder.path, 'tokenizer_config.json'));
      await opened.tensors.close();
    }
  });
});
