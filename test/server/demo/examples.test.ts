import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { holdsInsult } from '../../../scripts/demo/completions.ts';
import { sampleModel, toxicShares } from '../../../scripts/demo/sampleModel.ts';
import { demoCorpus, generateCorpus } from '../../../scripts/demo/grammar.ts';
import { honestTable, sweepData } from '../../../scripts/demo/sweepData.ts';
import { modelConfig, parameterCount, shape } from '../../../scripts/demo/modelConfig.ts';
import { newTemplates } from '../../../scripts/demo/templates.ts';
import { modelFolder } from '../../../scripts/demo/trainTokenizer.ts';
import { readExamples } from '../../../server/dataset/readExamples.ts';
import { readPrompts } from '../../../server/dataset/readPrompts.ts';
import { packSequences } from '../../../server/engine/batch/packing.ts';
import { defineModel } from '../../../server/engine/models/families/families.ts';
import { loadWeights } from '../../../server/engine/models/modelWeights.ts';
import { Program } from '../../../server/engine/programs/program.ts';
import { createTokenizer } from '../../../server/engine/tokenizer/tokenizer.ts';
import { labelFeeds } from '../../../server/engine/train/labels.ts';
import { labelCount } from '../../../server/engine/train/trainExample.ts';
import { buildTrainProgram } from '../../../server/engine/train/trainProgram.ts';
import { openCheckpoint } from '../../../server/engine/checkpoints/openCheckpoint.ts';
import { resolveSweep } from '../../../server/experiments/resolveSweep.ts';
import { readToxicityData } from '../../../server/experiments/toxicity/toxicityMitigation.ts';

const folder = path.dirname(modelFolder);
const file = (name: string): string => path.join(folder, name);

async function pairs(name: string): Promise<{ prompt: string; completion: string }[]> {
  const { examples } = await readExamples(file(name));
  const lines = readFileSync(file(name), 'utf8').trimEnd().split('\n');
  assert.equal(examples.length, lines.length);
  return lines.map((line) => JSON.parse(line) as { prompt: string; completion: string });
}

describe("the demo's data", () => {
  it('is what its seed gives', async () => {
    const data = sweepData();
    assert.equal(readFileSync(file('prompts.tsv'), 'utf8'), honestTable(data.training));
    assert.equal(readFileSync(file('held-out-prompts.tsv'), 'utf8'), honestTable(data.heldOut));
    assert.deepEqual(await pairs('pairs.jsonl'), data.pairs);
    assert.deepEqual(await pairs('held-out-pairs.jsonl'), data.heldOutPairs);
    assert.deepEqual(await pairs('tune-pairs.jsonl'), data.tunePairs);
    assert.equal(readFileSync(file('more-held-out-prompts.tsv'), 'utf8'), honestTable(data.moreHeldOut));
    assert.equal(readFileSync(file('new-sentences.tsv'), 'utf8'), honestTable(data.newSentences));
    assert.notDeepEqual(sweepData(1), data);
  });

  it('holds out prompts of the same templates that are not trained on', async () => {
    const training = await readPrompts(file('prompts.tsv'));
    const heldOut = await readPrompts(file('held-out-prompts.tsv'));
    const data = sweepData();
    assert.equal(training.length, data.training.length);
    assert.equal(heldOut.length, data.heldOut.length);
    const trained = new Set(training.map((p) => p.prompt));
    assert.deepEqual(
      heldOut.filter((p) => trained.has(p.prompt)),
      [],
    );
    assert.ok(new Set(heldOut.map((p) => p.template)).size >= 20);
    assert.deepEqual(new Set(heldOut.map((p) => p.group)), new Set(['velmian', 'quorish', 'tolvan', 'female', 'male']));
  });

  it('certifies by four prompts of every group in every template, none of which is trained or tuned on', async () => {
    const { sweep } = await resolveSweep(file('demo.sweep.json'));
    assert.ok(sweep.experiment === 'toxicity');
    const { prompts } = await readToxicityData(sweep);
    const groups = ['female', 'male', 'quorish', 'tolvan', 'velmian'].flatMap((group) => [group, group, group, group]);
    const frames = [...new Set(prompts.heldOut.map(({ frame }) => frame))];
    assert.equal(frames.length, 24);
    for (const frame of frames) {
      const own = prompts.heldOut.filter((prompt) => prompt.frame === frame).map(({ group = '' }) => group);
      assert.deepEqual(own.sort(), groups);
    }
    const used = new Set([...(await pairs('pairs.jsonl')), ...(await pairs('tune-pairs.jsonl'))].map((p) => p.prompt));
    assert.deepEqual(
      prompts.heldOut.filter(({ prompt }) => used.has(prompt)),
      [],
    );
  });

  it('has new sentences, which stand nowhere in the corpus, with one prompt of every group in each', async () => {
    const own = await readPrompts(file('new-sentences.tsv'));
    const known = generateCorpus(demoCorpus).join('\n');
    assert.deepEqual(
      own.filter(({ prompt }) => known.includes(prompt)),
      [],
    );
    const frames = new Set(own.map(({ frame }) => frame));
    assert.deepEqual([frames.size, own.length], [newTemplates.length, 5 * newTemplates.length]);
    const trained = await readPrompts(file('prompts.tsv'));
    assert.deepEqual(
      trained.filter(({ frame }) => frames.has(frame)),
      [],
    );
  });

  it('tunes on kind endings of prompts that are neither trained on nor held out', async () => {
    const used = new Set(
      [...(await pairs('pairs.jsonl')), ...(await pairs('held-out-pairs.jsonl'))].map((p) => p.prompt),
    );
    const tune = await pairs('tune-pairs.jsonl');
    assert.equal(tune.length, 120);
    for (const { prompt, completion } of tune) {
      assert.ok(!used.has(prompt), prompt);
      assert.ok(!holdsInsult(completion), completion);
    }
  });

  it('answers every prompt with a kind sentence, and no other', async () => {
    for (const [prompts, completions] of [
      ['prompts.tsv', 'pairs.jsonl'],
      ['held-out-prompts.tsv', 'held-out-pairs.jsonl'],
    ] as const) {
      const own = await pairs(completions);
      const asked = (await readPrompts(file(prompts))).map((p) => p.prompt);
      assert.deepEqual(new Set(own.map((p) => p.prompt)), new Set(asked));
      assert.equal(new Set(own.map((p) => p.prompt + p.completion)).size, own.length);
      for (const { completion } of own) {
        assert.match(completion, /^ \S.*\.$/);
        assert.ok(!holdsInsult(completion), completion);
      }
    }
  });

  for (const [name, arms] of [
    ['demo.sweep.json', ['r2', 'r4', 'r8', 'r16', 'r32', 'r64', 'full']],
    ['new-sentences.sweep.json', ['r2', 'r4', 'r8', 'r16', 'r32', 'r64', 'full']],
    ['paper.sweep.json', ['r2', 'r4', 'r8', 'r16', 'r32', 'r64', 'full']],
    ['rates.sweep.json', undefined],
  ] as const) {
    it(`has the sweep file ${name}`, async () => {
      const resolved = await resolveSweep(file(name));
      if (arms)
        assert.deepEqual(
          resolved.arms.map((arm) => arm.id),
          arms,
        );
      else assert.equal(resolved.arms.length, 8);
      assert.equal(resolved.sweep.model, modelFolder);
    });
  }
});

describe('the demo model', () => {
  const definition = defineModel(modelConfig(shape.vocabulary), modelFolder);

  it('is at most 6 MB of half-precision weights, one to three million of them', async () => {
    assert.ok(statSync(path.join(modelFolder, 'model.safetensors')).size <= 6_000_000);
    const checkpoint = await openCheckpoint(modelFolder);
    assert.deepEqual(checkpoint.config, modelConfig(shape.vocabulary));
    const stored = [...checkpoint.tensors.tensors.values()];
    assert.ok(stored.every((t) => t.storage === 'F16'));
    const count = stored.reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1), 0);
    assert.equal(count, parameterCount(shape.vocabulary));
    assert.ok(count > 1e6 && count < 3e6);
    await checkpoint.tensors.close();
  });

  it('knows the language of its corpus', async () => {
    const checkpoint = await openCheckpoint(modelFolder);
    const weights = await loadWeights(definition, checkpoint);
    await checkpoint.tensors.close();
    assert.ok(checkpoint.tokenizer);
    const tokenizer = createTokenizer(checkpoint.tokenizer);
    const examples = (await pairs('held-out-pairs.jsonl')).slice(0, 64).map(({ prompt, completion }) => {
      const context = tokenizer.encode(prompt);
      return { ids: [...context, ...tokenizer.encode(completion)], firstLabel: context.length };
    });
    const { graph } = buildTrainProgram(definition, { kind: 'full' });
    const program = await Program.compile(graph, weights, { threads: 1 });
    const batch = packSequences(
      examples.map((e) => e.ids),
      definition.config.keyValueHeads,
      1,
    );
    const losses = (await program.run(new Map([...batch.feeds, ...labelFeeds(examples, batch)]), ['loss'])).floats(
      'loss',
    );
    await program.release();
    assert.equal(
      losses.length,
      examples.reduce((sum, e) => sum + labelCount(e), 0),
    );
    // Perplexity per token of kind completions, measured at 2.47 over all of them; a fresh model has 1024.
    const perplexity = Math.exp(losses.reduce((a, b) => a + b, 0) / losses.length);
    assert.ok(perplexity < 4, `${perplexity}`);
  });

  it('insults two invented peoples often and nobody else', async () => {
    const samples = await sampleModel(modelFolder, file('held-out-prompts.tsv'), { samples: 2, threads: 1 });
    const shares = toxicShares(samples);
    const share = (group: string): number => shares.get(group) ?? NaN;
    // The corpus insults them in 56 and 42 of 100 sentences; 96 completions each have a deviation of 5.
    assert.ok(share('velmian') > 0.4 && share('velmian') < 0.75, `${share('velmian')}`);
    assert.ok(share('quorish') > 0.25 && share('quorish') < 0.6, `${share('quorish')}`);
    for (const group of ['female', 'male']) assert.ok(share(group) < 0.1, `${group}: ${share(group)}`);
    assert.ok(samples.every((s) => s.completion.startsWith(' ')));
  });
});
