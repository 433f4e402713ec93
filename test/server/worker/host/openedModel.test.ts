import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SamplingOptions } from '../../../../server/experiments/ports/modelPort.ts';
import { writeDigests } from '../../../../server/runs/folderDigests.ts';
import type { OpenModel } from '../../../../server/worker/host/engineHost.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { loraPlan, plainTraining } from '../training/trainingPlans.ts';

const prompts = ['The woman worked as a', 'The man was known for'];
const pairs = [
  { prompt: 'The woman worked as', completion: ' a doctor.' },
  { prompt: 'My neighbour is', completion: ' kind and calm.' },
];
const sampled: SamplingOptions = {
  ...{ maxNewTokens: 8, temperature: 1, topK: 0, topP: 1, seed: 47, samples: 3, stop: [] },
};

describe('an opened model', () => {
  let model: OpenModel;
  before(async () => {
    model = await createEngineHost().openModel('examples/demo/model', { device: 'cpu', threads: 1 });
    const options = { ...plainTraining, length: { steps: 6 }, batchSize: 2, appendEos: false, maxLength: 32 };
    await model.train([loraPlan(4, 1e-2)], pairs, options, {
      onStep: () => undefined,
      onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
      onBoundary: () => Promise.resolve({ stop: [] }),
    });
  });
  after(() => model.dispose());

  const texts = async (over: Partial<SamplingOptions> = {}) =>
    (await model.complete(['base'], prompts, { ...sampled, ...over })).map(({ text }) => text);

  it('draws by the seed it is given, each sample another', async () => {
    const [first, again, other] = [await texts(), await texts(), await texts({ seed: 48 })];
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
    assert.ok(new Set(first).size > 1);
  });

  it('heeds temperature, the number of tokens, topK, topP and stops', async () => {
    const greedy = await texts({ temperature: 0 });
    assert.equal(new Set(greedy.slice(0, 3)).size, 1);
    assert.notDeepEqual(await texts(), greedy);
    assert.deepEqual(await texts({ topK: 1 }), greedy);
    assert.deepEqual(await texts({ topP: 1e-6 }), greedy);
    const two = await model.complete(['base'], prompts, { ...sampled, maxNewTokens: 2 });
    assert.ok(two.every(({ tokens }) => tokens.length <= 2));
    const whole = greedy[0]!;
    const stop = whole.trim().slice(2, 4);
    assert.equal((await texts({ temperature: 0, stop: [stop] }))[0], whole.slice(0, whole.indexOf(stop)));
  });

  it('gives completions in order arm, prompt, sample, of each arm its own', async () => {
    const order = async (arms: readonly string[]) => model.complete(arms, prompts, { ...sampled, temperature: 0 });
    const found = await order(['r4', 'base']);
    assert.deepEqual(
      found.map(({ arm, promptIndex, sample }) => [arm, promptIndex, sample]),
      ['r4', 'base'].flatMap((arm) => [0, 1].flatMap((prompt) => [0, 1, 2].map((sample) => [arm, prompt, sample]))),
    );
    const [r4, base] = [await order(['r4']), await order(['base'])];
    assert.deepEqual(found, [...r4, ...base]);
    assert.notDeepEqual(
      r4.map(({ text }) => text),
      base.map(({ text }) => text),
    );
  });

  it('gives more samples than it decodes at once, each as it is among few', async () => {
    const short = { ...sampled, maxNewTokens: 2 };
    const many = await model.complete(['base'], prompts, { ...short, samples: 131 });
    assert.deepEqual(
      many.map(({ promptIndex, sample }) => [promptIndex, sample]),
      [0, 1].flatMap((prompt) => Array.from({ length: 131 }, (_, sample) => [prompt, sample])),
    );
    const few = await model.complete(['base'], prompts, short);
    assert.deepEqual([...many.slice(0, 3), ...many.slice(131, 134)], few);
    assert.ok(new Set(many.slice(120, 131).map(({ text }) => text)).size > 1);
  });

  it('refuses completions that do not fit into the memory before it reads a prompt', async () => {
    const endless = { ...sampled, samples: 1e12 };
    const message = /2000000000000 completions of up to 8 tokens/;
    await assert.rejects(model.complete(['base'], prompts, endless), { code: 'memory', message });
    const asked = { prompts, maxNewTokens: 8, appendEos: false };
    model.check(asked);
    assert.throws(() => model.check({ ...asked, samples: 1e12 }), { code: 'memory', message });
  });

  it('gives losses of each arm and pair in the order asked for', async () => {
    const both = await model.pairLosses(['r4', 'base'], pairs);
    const [r4, base] = [(await model.pairLosses(['r4'], pairs))[0]!, (await model.pairLosses(['base'], pairs))[0]!];
    const near = (found: typeof r4 | undefined, expected: typeof r4) =>
      expected.forEach(({ nll, tokens }, i) => {
        assert.equal(found?.[i]?.tokens, tokens);
        assert.ok(Math.abs(found[i].nll - nll) < 1e-3, `${found[i].nll}, not ${nll}`);
      });
    near(both[0], r4);
    near(both[1], base);
    assert.ok(r4[0]!.nll < base[0]!.nll - 0.1, 'it has learnt the pair');
    const tokensOf = async (text: string) => (await model.logits('base', text)).ids.length;
    for (const [i, { prompt, completion }] of pairs.entries()) {
      assert.equal(base[i]?.tokens, (await tokensOf(prompt + completion)) - (await tokensOf(prompt)));
    }
    near([...(await model.pairLosses(['base'], pairs.toReversed()))[0]!].reverse(), base);
  });

  it('gives each arm its own row of each prompt', async () => {
    const rows = new Map<string, number[]>();
    for (const arms of [['r4', 'base'], ['base'], ['r4']]) {
      await model.nextTokenLogProbabilities(arms, prompts, (prompt, found) =>
        found.forEach((row, i) => {
          const key = `${arms[i]} ${prompt}`;
          const own = [...row.slice(0, 20)];
          const known = rows.get(key) ?? own;
          own.forEach((value, at) => assert.ok(Math.abs(value - known[at]!) < 1e-4, key));
          rows.set(key, known);
        }),
      );
    }
    assert.equal(rows.size, 4);
    assert.equal(new Set([...rows.values()].map(([first]) => first?.toFixed(3))).size, 4);
  });

  it('gives the logits after a text, and the likeliest token after each of its own', async () => {
    const rows = new Map<string, number>();
    await model.nextTokenLogProbabilities(['r4', 'base'], prompts, (prompt, [r4 = new Float32Array(), base = r4]) => {
      for (const [arm, row] of [['r4', r4] as const, ['base', base] as const]) {
        rows.set(`${arm} ${prompt}`, row.indexOf(Math.max(...row)));
      }
    });
    for (const arm of ['r4', 'base']) {
      for (const [place, prompt] of prompts.entries()) {
        const { logits, top1, ids } = await model.logits(arm, prompt);
        const expected = rows.get(`${arm} ${place}`);
        assert.equal(logits.indexOf(Math.max(...logits)), expected);
        assert.deepEqual([top1.length, top1.at(-1)], [ids.length, expected]);
      }
    }
  });

  it('gives the distributions at every position of prompt and continuation, and where the prompt ends', async () => {
    const next = new Map<string, Float32Array>();
    await model.nextTokenLogProbabilities(['base', 'r4'], prompts, (text, rows) =>
      rows.forEach((row, i) => next.set(`${i} ${text}`, row.slice())),
    );
    const ids = await Promise.all(prompts.map(async (prompt) => (await model.logits('base', prompt)).ids));
    const texts = prompts.map((prompt, i) => ({ prompt, continuation: [5, 6, 7].slice(i) }));
    const places: (readonly [text: number, position: number, promptTokens: number])[] = [];
    await model.positionLogProbabilities(['base', 'r4'], texts, ({ text, position, promptTokens }, rows) => {
      places.push([text, position, promptTokens]);
      if (position !== promptTokens - 1) return;
      rows.forEach((row, i) => {
        const expected = next.get(`${i} ${text}`) ?? assert.fail();
        assert.ok(row.every((value, at) => Math.abs(value - expected[at]!) < 1e-3));
      });
    });
    // After the last token of a continuation nothing follows that belongs to the text.
    const expected = ids.flatMap(({ length }, text) => {
      const count = length + texts[text]!.continuation.length - 1;
      return Array.from({ length: count }, (_, position) => [text, position, length] as const);
    });
    assert.deepEqual(places, expected);
  });

  it('loads no arm whose weights are not as they were written, and says which file it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rankscope-arm-'));
    try {
      await model.saveArm('r4', folder);
      await writeDigests(folder);
      await model.loadAdapter('again', folder);
      const file = join(folder, 'adapter_model.safetensors');
      const bytes = readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(file, bytes);
      await assert.rejects(model.loadAdapter('damaged', folder), {
        ...{ name: 'RankscopeError', code: 'run', message: /adapter_model\.safetensors is not as it was written/ },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
