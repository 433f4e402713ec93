import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import type { Handlers } from '../../../server/protocol/messages/channel.ts';
import type { WorkerContract } from '../../../server/protocol/messages/worker.ts';
import { temporaryFolder } from '../runs/sampleRun.ts';
import { rankscope } from './fakeEngine.ts';

type Some = Partial<Handlers<WorkerContract>>;

const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

describe('commands that ask a model', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let prompts: string;
  beforeEach(() => {
    folder = temporaryFolder();
    prompts = join(folder.path, 'prompts.txt');
    writeFileSync(prompts, 'The man is \nThe woman is\n');
  });
  afterEach(() => folder.remove());

  const generating = (seen: unknown[]): Some => ({
    generate: (params, { emit }) => {
      seen.push(params);
      for (const { arm } of [{ arm: 'base' }, ...params.adapters]) {
        params.prompts.forEach((prompt, promptIndex) =>
          emit({ arm, promptIndex, sample: 0, prompt, completion: 'a \u001b]0;x\u0007cook', tokens: [1, 2] }),
        );
      }
      return Promise.resolve({ completions: 4, seconds: 1, tokens: 8 });
    },
  });

  it('generate prints an object a line, with arms named after the adapter folders', async () => {
    const seen: { adapters?: unknown; options?: unknown; prompts?: unknown; model?: string }[] = [];
    const args = ['generate', '--model', 'owner/name', '--adapter', join(folder.path, 'r8'), '--prompts', prompts];
    const { stdout, status } = await rankscope([...args, '--max-new-tokens', '4', '--json'], {
      handlers: generating(seen),
    });
    assert.equal(status, 0);
    assert.deepEqual(lines(stdout)[3], {
      arm: 'r8',
      prompt: 'The woman is',
      completion: 'a \u001b]0;x\u0007cook',
      tokens: [1, 2],
    });
    assert.equal(seen[0]?.model, 'owner/name');
    assert.deepEqual(seen[0].prompts, ['The man is ', 'The woman is'], 'spaces matter to a model');
    assert.deepEqual(seen[0].adapters, [{ arm: 'r8', directory: join(folder.path, 'r8') }]);
    assert.deepEqual(seen[0].options, {
      ...{ maxNewTokens: 4, temperature: 0, topK: 0, topP: 1, seed: 0, samples: 1, stop: [] },
    });
  });

  it('generate and lens ask for chats, with a system text or without, and for plain texts unless told so', async () => {
    const seen: { readonly chat?: unknown }[] = [];
    const generate = (...more: readonly string[]) =>
      rankscope(['generate', '--model', 'm', '--prompts', prompts, '--max-new-tokens', '4', ...more], {
        handlers: generating(seen),
      });
    await generate();
    await generate('--chat');
    await generate('--system', 'be kind');
    const handlers: Some = {
      lens: (params) => {
        seen.push(params);
        throw new RankscopeError({ code: 'model', what: 'this engine has no lens' });
      },
    };
    await rankscope(['lens', '--model', 'm', '--prompt', 'a', '--chat', '--system', 'be kind', '--json'], { handlers });
    assert.deepEqual(
      seen.map(({ chat }) => chat),
      [undefined, {}, { system: 'be kind' }, { system: 'be kind' }],
    );
  });

  it('generate shows people what a model wrote without letting it drive the terminal', async () => {
    const args = ['generate', '--model', folder.path, '--prompts', prompts, '--max-new-tokens', '4'];
    const { stdout } = await rankscope(args, { handlers: generating([]) });
    assert.equal(stdout.split('\n')[0], 'base: The man is  → a \\u{1b}]0;x\\u{7}cook');
  });

  const logits = (values: Float32Array<ArrayBuffer>): Some => ({
    logits: ({ texts }, { emit }) => {
      texts.forEach((_, textIndex) => emit({ textIndex, ids: [5, 6], top1: [6, 1], logits: values }));
      return Promise.resolve({ texts: texts.length });
    },
  });

  it('logits gives every 32-bit number back exactly', async () => {
    const values = Float32Array.of(0.1, -1 / 3, 1e-38, 123456.789, -0.000123456789);
    const { stdout } = await rankscope(['logits', '--model', 'm', '--texts', prompts, '--json'], {
      handlers: logits(values),
    });
    const [first] = lines(stdout) as [{ text: string; ids: unknown; top1: unknown; logits: number[] }];
    assert.deepEqual([first.text, first.ids, first.top1], ['The man is ', [5, 6], [6, 1]]);
    assert.deepEqual(Float32Array.from(first.logits), values);
  });

  it('logits refuses to print what is no number', async () => {
    const { status, stdout } = await rankscope(['logits', '--model', 'm', '--texts', prompts, '--json'], {
      handlers: logits(Float32Array.of(1, Number.NaN)),
    });
    assert.deepEqual([status, stdout], [70, '']);
  });

  const judging: Some = {
    judge: ({ items }) =>
      Promise.resolve({
        ...{ judge: 'lexicon(builtin)', hash: 'h', threshold: 0.5 },
        verdicts: items.map(({ text }) =>
          text.includes('?')
            ? { kind: 'unjudged' as const, reason: 'no words' }
            : { kind: 'judged' as const, score: 1, toxic: text.includes('bad'), categories: {}, evidence: [] },
        ),
      }),
  };

  it('judge names the lines that are toxic or unjudged, and never counts the latter', async () => {
    const file = join(folder.path, 'data.txt');
    writeFileSync(file, 'good\nbad\n?\n');
    const { stdout } = await rankscope(['judge', file], { handlers: judging });
    assert.match(stdout, /data\.txt:2: toxic: bad\n.*data\.txt:3: unjudged: no words\n/);
    assert.match(stdout, /1 of 2 toxic \(50\.0 % \[9\.5, 90\.5\]\), 1 unjudged, by lexicon\(builtin\)\n$/);
    const json = lines((await rankscope(['judge', file, '--json'], { handlers: judging })).stdout);
    assert.deepEqual(json[2], {
      ...{ line: 3, text: '?', judge: 'lexicon(builtin)', verdict: { kind: 'unjudged', reason: 'no words' } },
    });
  });

  it('judge and generate name the line of a broken file', async () => {
    const broken = join(folder.path, 'broken.jsonl');
    writeFileSync(broken, '{"prompt":"a"}\n{"prompt":\n');
    const args = ['generate', '--model', 'm', '--prompts', broken, '--max-new-tokens', '1'];
    const { status, stderr } = await rankscope(args);
    assert.equal(status, 4);
    assert.match(stderr, /broken\.jsonl:2/);
  });

  it('models resolves what stands on the disk and leaves a hub id as it is', async () => {
    const seen: string[] = [];
    const description = {
      ...{ reference: 'm', path: 'm', family: 'gpt2', parameters: 1, layers: 1, hiddenSize: 1, vocabulary: 1 },
      ...{ storage: 'F32', bytes: 1, hasTokenizer: true, hasChatTemplate: false, defaultTargets: ['c_attn'] },
      largestRank: 1,
    };
    const handlers: Some = {
      'models.list': () => Promise.resolve(['a/b']),
      'models.describe': ({ model }) => {
        seen.push(model);
        return Promise.resolve(description);
      },
    };
    mkdirSync(join(folder.path, 'model'));
    assert.equal((await rankscope(['models'], { handlers })).stdout, 'a/b\n');
    assert.match((await rankscope(['models', 'a/b'], { handlers })).stdout, /family +gpt2/);
    await rankscope(['models', join(folder.path, 'model')], { handlers });
    await rankscope(['models', './missing'], { handlers });
    assert.deepEqual(seen, ['a/b', join(folder.path, 'model'), resolve('./missing')]);
  });
});
