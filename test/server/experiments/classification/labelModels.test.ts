import assert from 'node:assert/strict';
import { promptText } from '../../../../server/experiments/ports/modelPort.ts';
import { causalLabelModel, type CausalModel } from '../../../../server/experiments/classification/causalLabelModel.ts';
import type { OpenClassifier } from '../../../../server/experiments/ports/classifierPort.ts';
import { headLabelModel } from '../../../../server/experiments/classification/headLabelModel.ts';
import { normalised } from '../../../../server/experiments/classification/labelModel.ts';
import type { Pair, SamplingOptions } from '../../../../server/experiments/ports/modelPort.ts';
import { classificationSweepSchema } from '../../../../server/protocol/sweep/classificationSweep.ts';

const sweep = classificationSweepSchema.parse({
  experiment: 'classification',
  model: 'm',
  data: { train: { file: 'train.tsv' } },
  instruction: '{text}. Is it {options}?',
});
const signal = new AbortController().signal;
const silent = (): void => undefined;
const unused = (): Promise<never> => Promise.reject(new TypeError('not expected'));
const rounded = (values: readonly number[]) => values.map((value) => Math.exp(value).toFixed(3));

describe('causalLabelModel', () => {
  const asked: Pair[] = [];
  const trained: Pair[] = [];
  const sampling: SamplingOptions[] = [];
  const model: CausalModel = {
    // One word costs 1 nat, the other as many nats as the arm is long, and a tenth more for each number of a text.
    pairLosses: (arms, pairs) => {
      asked.push(...pairs);
      return Promise.resolve(
        arms.map((arm) =>
          pairs.map(({ prompt, completion }) => {
            const number = Number(/\d+/.exec(prompt)?.[0] ?? 0);
            return { nll: completion === ' positive' ? 1 : arm.length + number / 10, tokens: 2 };
          }),
        ),
      );
    },
    complete: (arms, prompts, options) => {
      sampling.push(options);
      return Promise.resolve(
        arms.flatMap((arm) =>
          prompts.map((prompt, promptIndex) => ({
            arm,
            promptIndex,
            sample: 0,
            text: `${arm}: ${promptText(prompt)}`,
            tokens: [1],
          })),
        ),
      );
    },
    train: (_, pairs) => {
      if (!('get' in pairs)) trained.push(...pairs);
      return Promise.resolve([]);
    },
    trainableParameters: unused,
    saveArm: unused,
  };

  it('asks by the instruction, and answers with a space and the word', async () => {
    const callbacks = { onStep: silent, onArmFailed: silent, onBoundary: () => Promise.resolve({ stop: [] }) };
    await causalLabelModel(model, sweep).train([], [{ text: 'a fine film', label: 1 }], {} as never, callbacks);
    assert.deepEqual(trained, [{ prompt: 'a fine film. Is it negative or positive?', completion: ' positive' }]);
  });

  it('scores every label as the answer, and normalises over the labels', async () => {
    const [found] = await causalLabelModel(model, sweep).predict(['arm'], ['x'], silent, signal);
    assert.deepEqual(
      asked.map(({ completion }) => completion),
      [' negative', ' positive'],
    );
    // exp(-3) against exp(-1).
    assert.deepEqual(rounded(found?.[0]?.logProbabilities ?? []), ['0.119', '0.881']);
    assert.equal(found?.[0]?.answer, 'arm: x. Is it negative or positive?');
  });

  it("measures the loss of each text's label among the labels", async () => {
    const examples = [0, 1].map((label) => ({ text: 'x', label }));
    const [found] = await causalLabelModel(model, sweep).labelLosses(['arm'], examples, signal);
    assert.deepEqual(
      found?.map(({ nll, tokens }) => [nll.toFixed(4), tokens]),
      [Math.log(1 + Math.exp(2)), Math.log(1 + Math.exp(-2))].map((nll) => [nll.toFixed(4), 1]),
    );
  });

  it('keeps each text with its arm beyond what is asked in one call', async () => {
    const texts = Array.from({ length: 70 }, (_, i) => `text ${i}`);
    const told: number[] = [];
    const found = await causalLabelModel(model, sweep).predict(
      ['a', 'bb'],
      texts,
      ({ done }) => told.push(done),
      signal,
    );
    for (const [arm, own] of found.entries()) {
      own.forEach(({ logProbabilities: [negative = NaN, positive = NaN] }, i) => {
        assert.ok(Math.abs(positive - negative - (arm + i / 10)) < 1e-9, `text ${i} of arm ${arm}`);
      });
      own.forEach(({ answer }, i) => assert.ok(answer?.startsWith(`${['a', 'bb'][arm] ?? ''}: text ${i}.`), answer));
    }
    assert.deepEqual(told, [64, 128, 140]);
  });

  it('has answers written greedily, once each, by the seed of the sweep', async () => {
    sampling.length = 0;
    const evaluation = { ...sweep.evaluation, seed: 53, maxNewTokens: 7 };
    await causalLabelModel(model, { ...sweep, evaluation }).predict(['arm'], ['x'], silent, signal);
    const greedy = { samples: 1, temperature: 0, topK: 0, topP: 1, stop: [] };
    assert.deepEqual(sampling, [{ ...greedy, seed: 53, maxNewTokens: 7 }]);
  });

  it('asks for no answer where the sweep does not want one', async () => {
    const quiet = { ...sweep, evaluation: { ...sweep.evaluation, completions: false } };
    const labels = causalLabelModel(model, quiet);
    const [found] = await labels.predict(['arm'], ['x'], silent, signal);
    assert.equal(found?.[0]?.answer, undefined);
    assert.deepEqual(labels.rules, ['probability']);
  });
});

describe('headLabelModel', () => {
  const trained: number[] = [];
  const classifier = (over: Partial<OpenClassifier> = {}): OpenClassifier => ({
    labels: ['POSITIVE', 'NEGATIVE'],
    kind: 'single-label',
    maxLength: 10,
    hash: 'h',
    fileHashes: {},
    tokenizerHash: 't',
    classLogits: (arms, texts) => Promise.resolve(arms.map(() => Float32Array.from(texts.flatMap(() => [2, 0])))),
    train: (_, examples) => {
      trained.push(...examples.map(({ label }) => label));
      return Promise.resolve([]);
    },
    trainableParameters: unused,
    saveArm: unused,
    loadAdapter: unused,
    forgetArm: silent,
    dispose: unused,
    ...over,
  });

  it("takes the classifier's classes for the sweep's labels by name, in either order", async () => {
    const labels = headLabelModel(classifier(), sweep);
    const [found] = await labels.predict(['base'], ['x', 'y'], silent, signal);
    assert.deepEqual(rounded(found?.[1]?.logProbabilities ?? []), ['0.119', '0.881']);
    const callbacks = { onStep: silent, onArmFailed: silent, onBoundary: () => Promise.resolve({ stop: [] }) };
    await labels.train([], [{ text: 'x', label: 1 }], {} as never, callbacks);
    assert.deepEqual(trained, [0]);
  });

  it("measures the loss of each text's label by the classifier's classes", async () => {
    const examples = [0, 1].map((label) => ({ text: 'x', label }));
    const [found] = await headLabelModel(classifier(), sweep).labelLosses(['base'], examples, signal);
    assert.deepEqual(
      found?.map(({ nll, tokens }) => [nll.toFixed(4), tokens]),
      [Math.log(1 + Math.exp(2)), Math.log(1 + Math.exp(-2))].map((nll) => [nll.toFixed(4), 1]),
    );
  });

  it('keeps the logits of each arm and text apart', async () => {
    const logit = (arm: number, text: number) => arm + text / 10;
    const classLogits: OpenClassifier['classLogits'] = (arms, texts) =>
      Promise.resolve(arms.map((_, arm) => Float32Array.from(texts.flatMap((__, text) => [logit(arm, text), 0]))));
    const labels = headLabelModel(classifier({ classLogits }), sweep);
    const found = await labels.predict(['base', 'r8'], ['x', 'y', 'z'], silent, signal);
    found.forEach((own, arm) =>
      own.forEach(({ logProbabilities: [negative = NaN, positive = NaN] }, text) => {
        assert.ok(Math.abs(positive - negative - logit(arm, text)) < 1e-6, `text ${text} of arm ${arm}`);
      }),
    );
  });

  it('refuses other classes, and classes that are no alternatives', () => {
    const toxic = classifier({ labels: ['toxic', 'insult'] });
    assert.throws(() => headLabelModel(toxic, sweep), /has the classes toxic, insult|with the classes toxic, insult/);
    assert.throws(() => headLabelModel(classifier({ kind: 'multi-label' }), sweep), /the classifier is multi-label/);
  });
});

describe('normalised', () => {
  it('makes probabilities of scores far from 0', () => {
    assert.deepEqual(rounded(normalised([-1000, -1000])), ['0.500', '0.500']);
    assert.deepEqual(rounded(normalised([800, -800])), ['1.000', '0.000']);
  });
});
