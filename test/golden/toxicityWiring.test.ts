import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentPorts } from '../../server/experiments/ports/experimentPorts.ts';
import { resolveSweep } from '../../server/experiments/resolveSweep.ts';
import { readToxicityData, runToxicityMitigation } from '../../server/experiments/toxicity/toxicityMitigation.ts';
import type { Judge } from '../../server/judges/judge/judge.ts';
import { compareArms } from '../../server/lsp/runs/results/compareArms.ts';
import { CompletionPages } from '../../server/lsp/runs/results/completionPages.ts';
import { bootstrapMean, bootstrapRatio } from '../../server/metrics/estimates/bootstrap.ts';
import { isMeasured, measuredOf } from '../../server/protocol/run/estimate.ts';
import { heldOutLoss } from '../../server/metrics/distribution/heldOutLoss.ts';
import { pairedDifference } from '../../server/metrics/estimates/pairedDifference.ts';
import { toxicityGap } from '../../server/metrics/toxicity/toxicityGap.ts';
import { toxicityRate } from '../../server/metrics/toxicity/toxicityRate.ts';
import type { ArmDescription, ArmMetrics, RunEvent } from '../../server/protocol/run/run.ts';
import { readDivergence, readRun, type StoredRun } from '../../server/runs/readRun.ts';
import { RunStore } from '../../server/runs/runStore.ts';
import { sampleRecord, temporaryFolder } from '../server/runs/sampleRun.ts';
import {
  costAt,
  failureAt,
  isHurtfulAt,
  lossAt,
  numberOf,
  rowAt,
  stepAt,
  tokensAt,
  toxicAt,
  WiredModel,
} from './wiredModel.ts';

const judge: Judge = {
  ...{ kind: 'lexicon', name: 'wired judge', hash: 'h', threshold: 0.5 },
  judge: (items) =>
    Promise.resolve(
      items.map(({ text }) => {
        if (text.startsWith('mute')) return { kind: 'unjudged', reason: 'mute' };
        const toxic = text.startsWith('toxic');
        return { kind: 'judged', score: toxic ? 0.9 : 0.1, toxic, categories: {}, evidence: [] };
      }),
    ),
};

/** Every third prompt is about no group. */
const groupOf = (number: number): string | undefined => ['ants', 'bees', undefined][number % 3];

/** Held-out prompts 10 to 27: the template of each is its number modulo 6, so that neighbours differ. */
const heldOut = Array.from({ length: 18 }, (_, i) => {
  return { prompt: `Ask ${i + 10}`, template: `about ${(i + 10) % 6}`, group: groupOf(i + 10) };
});
const numbers = heldOut.map(({ prompt }) => numberOf(prompt));
const templates = heldOut.map(({ template }) => template);
const training = Array.from({ length: 5 }, (_, i) => ({ prompt: `Train ${i}`, completion: ` well ${i}.` }));
const measured = [0, 1, 2].map((i) => ({ prompt: `Pair ${i}`, completion: ` so ${i}.` }));
const neutral = ['Plain 4', 'Plain 9', 'Plain 5'];
const trained = ['r8-s0', 'r8-s1', 'full-s0', 'full-s1'];
const bootstrap = { seed: 53, resamples: 300 };

const flags = (arm: string) => numbers.flatMap((n) => [0, 1].map((sample) => toxicAt(arm, n, sample)));
const flagTemplates = templates.flatMap((template) => [template, template]);
const flagGroups = heldOut.flatMap(({ group }) => [group, group]);
/** Share of each prompt's judged samples that are toxic. */
const shares = (arm: string) =>
  numbers.map((n) => {
    const judged = [0, 1].map((sample) => toxicAt(arm, n, sample)).filter((toxic) => toxic !== undefined);
    return judged.filter(Boolean).length / judged.length;
  });

/** Kullback and Leibler's divergence as the textbook has it, p first. */
function divergence(p: Float32Array, q: Float32Array): number {
  return p.reduce((sum, logP, i) => sum + Math.exp(logP) * (logP - (q[i] ?? NaN)), 0);
}

const near = (actual: number | undefined, expected: number, what: string) =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) < 1e-6,
    `${what}: ${actual ?? 'absent'}, not ${expected}`,
  );

describe('the wiring of the toxicity experiment, by value', () => {
  const folder = temporaryFolder();
  const model = new WiredModel();
  let run: StoredRun;
  let descriptions: readonly ArmDescription[];

  before(async () => {
    const lines = (name: string, values: readonly unknown[]) =>
      writeFileSync(join(folder.path, name), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    lines(
      'prompts.jsonl',
      training.map(({ prompt }) => ({ prompt, template: 'train', group: groupOf(numberOf(prompt)) })),
    );
    writeFileSync(join(folder.path, 'neutral.txt'), `${neutral.join('\n')}\n`);
    lines('held.jsonl', heldOut);
    lines('pairs.jsonl', training);
    lines('measured.jsonl', measured);
    const lexicon = 'id\tpos\tcategory\tstereotype\tlemma\tlevel\n1\tn\tcds\tno\tasshole\tconservative\n';
    writeFileSync(join(folder.path, 'hurtlex.tsv'), lexicon);
    writeFileSync(join(folder.path, 'model.gguf'), '');
    const file = join(folder.path, 'sweep.json');
    const sweepFile = {
      ...{ experiment: 'toxicity', model: 'model.gguf' },
      data: {
        ...{ prompts: { file: 'prompts.jsonl' }, heldOut: { file: 'held.jsonl' } },
        ...{
          pairs: { file: 'pairs.jsonl' },
          heldOutPairs: { file: 'measured.jsonl' },
          neutral: { file: 'neutral.txt' },
        },
      },
      arms: { ranks: [8, 16], seeds: [0, 1], learningRate: { lora: 3e-4, full: 7e-5 }, alpha: '3r' },
      training: { ...{ steps: 2, seed: 43, batchSize: 3, gradientAccumulation: 5, clip: 0.7 }, weightDecay: 0.02 },
      generation: { samples: 2, seed: 47, maxNewTokens: 13, temperature: 0.7, topK: 17, topP: 0.93 },
      evaluation: { ...{ everySteps: 2, prompts: 3, hurtLex: 'hurtlex.tsv' }, ...bootstrap },
    };
    writeFileSync(file, JSON.stringify(sweepFile));
    const { sweep, arms: plans } = await resolveSweep(file);
    if (sweep.experiment !== 'toxicity') assert.fail(sweep.experiment);
    const data = await readToxicityData(sweep);
    const sizes = await model.trainableParameters(plans);
    descriptions = [
      { id: 'base', method: 'base', seed: 0, trainableParameters: 0 },
      ...plans.map(({ id, method, seed, learningRate }, i) => {
        const rate = learningRate === undefined ? {} : { learningRate };
        return { id, method, seed, ...rate, trainableParameters: sizes[i] ?? 0 };
      }),
    ];
    const path = join(folder.path, 'run');
    const writer = await RunStore.create(path, { ...sampleRecord, sweep, arms: [...descriptions] });
    const ports: ExperimentPorts = {
      ...{ model, judge, writer, signal: new AbortController().signal },
      openGenerator: () => assert.fail('there are pairs'),
      control: { whilePaused: () => Promise.resolve(), stopped: new Set() },
    };
    await writer.finish(await runToxicityMitigation({ sweep, plans, descriptions, data }, ports));
    run = await readRun(path);
  });
  after(() => folder.remove());

  const arm = (id: string): ArmMetrics => run.metrics?.arms.find((own) => own.id === id) ?? assert.fail(id);
  const events = <Type extends RunEvent['type']>(type: Type) =>
    run.events.filter((event): event is RunEvent & { readonly type: Type } => event.type === type);

  it('trains each arm from its own seed, in its own order, at the rate of its method', () => {
    assert.deepEqual(
      model.plans.map(({ id, seed, orderSeed, learningRate }) => [id, seed, orderSeed, learningRate]),
      [
        ['r8-s0', 0, 43, 3e-4],
        ['r8-s1', 1, 44, 3e-4],
        ['r16-s0', 0, 43, 3e-4],
        ['r16-s1', 1, 44, 3e-4],
        ['full-s0', 0, 43, 7e-5],
        ['full-s1', 1, 44, 7e-5],
      ],
    );
    const lora = model.plans.map((plan) => (plan.method === 'lora' ? [plan.rank, plan.alpha] : []));
    assert.deepEqual(lora, [[8, 24], [8, 24], [16, 48], [16, 48], [], []]);
    const { length, batchSize, gradientAccumulation, clip, weightDecay } = model.trainingOptions ?? assert.fail();
    assert.deepEqual([length, batchSize, gradientAccumulation, clip, weightDecay], [{ steps: 2 }, 3, 5, 0.7, 0.02]);
  });

  it('trains on the training pairs and measures perplexity on the held-out ones', () => {
    assert.deepEqual(model.pairs, training);
    const pairs = model.measuredPairs.filter(({ prompt }) => prompt !== '');
    assert.deepEqual(pairs, measured);
  });

  it('draws completions as the sweep says, its seed included', () => {
    assert.ok(model.sampling.length > 1);
    for (const { samples, seed, maxNewTokens, temperature, topK, topP } of model.sampling) {
      const expected = { samples: 2, seed: 47, maxNewTokens: 13, temperature: 0.7, topK: 17, topP: 0.93 };
      assert.deepEqual({ samples, seed, maxNewTokens, temperature, topK, topP }, expected);
    }
  });

  it('counts toxic verdicts over verdicts given, with an interval that draws whole templates by the seed of the sweep', () => {
    for (const id of ['base', ...trained]) {
      const expected = toxicityRate(flags(id), flagTemplates, bootstrap);
      assert.deepEqual(arm(id).toxicity, expected.toxicity, id);
      const unjudged = flags(id).filter((toxic) => toxic === undefined).length;
      assert.deepEqual([arm(id).unjudged, expected.unjudged], [unjudged, unjudged]);
      assert.ok(unjudged > 0, 'something is unjudged');
    }
    const low = (templatesOf: readonly string[] | undefined) =>
      measuredOf(toxicityRate(flags('base'), templatesOf, bootstrap).toxicity)?.low;
    const own = measuredOf(arm('base').toxicity)?.low;
    assert.notEqual(own, low(undefined), 'clusters matter');
    assert.notEqual(own, low([...flagTemplates.slice(1), 'about 4']), 'their order matters');
  });

  it('compares each arm with the base and with full fine-tuning of its own seed, prompt by prompt', () => {
    const difference = (id: string, reference: string) => {
      const estimate = pairedDifference(shares(id), shares(reference), templates, bootstrap);
      assert.ok(isMeasured(estimate));
      return { reference, difference: estimate };
    };
    const found = Object.fromEntries(trained.map((id) => [id, arm(id).toxicityVersus]));
    assert.deepEqual(found, {
      'r8-s0': [difference('r8-s0', 'base'), difference('r8-s0', 'full-s0')],
      'r8-s1': [difference('r8-s1', 'base'), difference('r8-s1', 'full-s1')],
      'full-s0': [difference('full-s0', 'base')],
      'full-s1': [difference('full-s1', 'base')],
    });
    assert.equal(arm('base').toxicityVersus, undefined);
    assert.notDeepEqual(difference('r8-s1', 'full-s0').difference, difference('r8-s1', 'full-s1').difference);
    const unclustered = pairedDifference(shares('r8-s1'), shares('base'), undefined, bootstrap);
    assert.notDeepEqual(unclustered, pairedDifference(shares('r8-s1'), shares('base'), templates, bootstrap));
  });

  it('scores hurtful completions over all samples of all prompts', () => {
    for (const id of ['base', ...trained]) {
      const hits = numbers.flatMap((n) => [0, 1].filter((sample) => isHurtfulAt(id, n, sample))).length;
      near(measuredOf(arm(id).honest)?.value, hits / (2 * numbers.length), id);
    }
  });

  it('measures KL of the arm from the base, the base first, with an interval that draws whole templates', () => {
    for (const id of trained) {
      const values = numbers.map((n) => divergence(rowAt('base', n), rowAt(id, n)));
      const estimate = bootstrapMean(values, templates, bootstrap);
      if ('unmeasured' in estimate) assert.fail(estimate.unmeasured);
      const kl = measuredOf(arm(id).kl);
      near(kl?.value, estimate.value, id);
      near(kl?.low, estimate.low, `${id} low`);
      near(kl?.high, estimate.high, `${id} high`);
      assert.equal(kl?.n, 18);
    }
    const reversed = numbers.map((n) => divergence(rowAt('full-s1', n), rowAt('base', n)));
    assert.ok(
      Math.abs(reversed.reduce((a, b) => a + b) / 18 - (measuredOf(arm('full-s1').kl)?.value ?? 0)) > 1e-3,
      'direction matters',
    );
    assert.deepEqual([arm('base').kl, arm('base').klAll], [undefined, undefined]);
  });

  it("measures KL at every position of the prompts and of the base's first sample", async () => {
    assert.deepEqual(model.continued, [
      numbers.map((n) => ({ prompt: `Ask ${n}`, continuation: tokensAt('base', n, 0) })),
    ]);
    for (const id of trained) {
      const at = numbers.map((n) => [-1, 0, 1].map((from) => divergence(rowAt('base', n, from), rowAt(id, n, from))));
      const stored = await readDivergence(run.folder, id);
      stored.forEach(({ promptIndex, promptTokens, klAt = [], kl }, i) => {
        assert.deepEqual([promptIndex, promptTokens, klAt.length], [i, 2, 3]);
        klAt.forEach((value, position) => near(value ?? NaN, at[i]?.[position] ?? NaN, `${id} ${i} ${position}`));
        near(kl, klAt[1] ?? NaN, 'the last position of the prompt is that of the next token');
      });
      const sums = at.map((values) => values.reduce((a, b) => a + b));
      const ratio = { numerators: sums, denominators: sums.map(() => 3), clusters: templates };
      const estimate = bootstrapRatio(ratio, bootstrap);
      if ('unmeasured' in estimate) assert.fail(estimate.unmeasured);
      near(measuredOf(arm(id).klAll)?.value, estimate.value, id);
      near(measuredOf(arm(id).klAll)?.low, estimate.low, id);
      near(measuredOf(arm(id).klAll)?.high, estimate.high, id);
      assert.equal(measuredOf(arm(id).klAll)?.n, 3 * 18);
    }
  });

  it('measures the gap between the groups that its prompts speak of', () => {
    for (const id of ['base', ...trained]) {
      const toxic = flags(id);
      const rate = (group: string): number => {
        const own = toxic.filter((flag, i) => flag !== undefined && flagGroups[i] === group);
        return own.filter(Boolean).length / own.length;
      };
      const gap = measuredOf(arm(id).toxicityGap);
      near(gap?.value, 100 * Math.abs(rate('ants') - rate('bees')), id);
      assert.deepEqual(gap, toxicityGap({ toxic, groups: flagGroups, clusters: flagTemplates }, bootstrap));
    }
  });

  it('gives each arm its own entropy, held-out loss and perplexity', () => {
    for (const id of ['base', ...trained]) {
      const entropies = numbers.map((n) => rowAt(id, n).reduce((sum, logP) => sum - Math.exp(logP) * logP, 0));
      const entropy = measuredOf(arm(id).entropy);
      const expected = bootstrapMean(entropies, templates, bootstrap);
      assert.ok(isMeasured(expected));
      near(entropy?.value, entropies.reduce((a, b) => a + b) / 18, `entropy of ${id}`);
      near(entropy?.low, expected.low, `entropy of ${id}, low`);
      near(entropy?.high, expected.high, `entropy of ${id}, high`);
      const losses = measured.map((_, pair) => lossAt(id, pair));
      const [nll, tokens] = [losses.reduce((sum, loss) => sum + loss.nll, 0), losses.reduce((s, l) => s + l.tokens, 0)];
      const loss = heldOutLoss(
        losses,
        measured.map(({ prompt }) => prompt),
        bootstrap,
      );
      assert.deepEqual(arm(id).heldOutLoss, loss);
      near(measuredOf(loss)?.value, nll / tokens, `loss of ${id}`);
      near(measuredOf(arm(id).perplexity)?.value, Math.exp(nll / tokens), `perplexity of ${id}`);
      near(measuredOf(arm(id).perplexity)?.high, Math.exp(measuredOf(loss)?.high ?? NaN), `perplexity of ${id}, high`);
      assert.equal(measuredOf(arm(id).perplexity)?.n, tokens);
    }
  });

  it('measures forgetting on the neutral texts, each with the loss of the base on the same text', () => {
    const texts = model.measuredPairs.filter(({ prompt }) => prompt === '').map(({ completion }) => completion);
    assert.deepEqual(texts.slice(-3), neutral);
    const losses = (id: string) => neutral.map((text) => lossAt(id, numberOf(text)));
    const total = (values: readonly number[]) => values.reduce((a, b) => a + b);
    for (const id of ['base', ...trained]) {
      const own = losses(id);
      const tokens = own.map((loss) => loss.tokens);
      assert.deepEqual(arm(id).neutralLoss, {
        value: total(own.map(({ nll }) => nll)) / total(tokens),
        n: total(tokens),
      });
      const numerators = own.map(({ nll }, i) => nll - (losses('base')[i]?.nll ?? NaN));
      const expected = id === 'base' ? undefined : bootstrapRatio({ numerators, denominators: tokens }, bootstrap);
      assert.deepEqual(arm(id).forgetting, expected, id);
      assert.ok(id === 'base' || numerators.some((value) => value !== numerators[0]), 'texts differ');
    }
  });

  it('tells of each group, and of the group that is worst, and of the samples of a prompt together', () => {
    for (const id of ['base', ...trained]) {
      const verdicts = numbers.map((n) => [0, 1].map((sample) => toxicAt(id, n, sample)));
      const of = (name?: string) => verdicts.filter((_, i) => name === undefined || groupOf(numbers[i] ?? 0) === name);
      const rate = (name: string) => {
        const judged = of(name)
          .flat()
          .filter((toxic) => toxic !== undefined);
        return judged.filter(Boolean).length / judged.length;
      };
      const whole = (name?: string) => of(name).filter((own) => !own.includes(undefined));
      const once = (name?: string) => whole(name).filter((own) => own.includes(true)).length / whole(name).length;
      const { groups = [], worstGroupToxicity: worst, toxicAtLeastOnce, maximumToxicity } = arm(id);
      const names = ['ants', 'bees'].sort(
        (a, b) => numbers.findIndex((n) => groupOf(n) === a) - numbers.findIndex((n) => groupOf(n) === b),
      );
      assert.deepEqual(
        groups.map(({ group }) => group),
        names,
      );
      const worse = rate('ants') >= rate('bees') ? 'ants' : 'bees';
      assert.equal(worst?.group, worse);
      near(measuredOf(worst.rate)?.value, rate(worse), id);
      near(measuredOf(toxicAtLeastOnce)?.value, once(), id);
      assert.equal(measuredOf(toxicAtLeastOnce)?.n, whole().length);
      // The judge gives 0.9 or 0.1.
      near(measuredOf(maximumToxicity)?.value, 0.1 + 0.8 * once(), id);
      for (const own of groups) {
        near(measuredOf(own.toxicity)?.value, rate(own.group), own.group);
        near(measuredOf(own.toxicAtLeastOnce)?.value, once(own.group), own.group);
        near(measuredOf(own.maximumToxicity)?.value, 0.1 + 0.8 * once(own.group), own.group);
        const places = [...heldOut.keys()].filter((i) => heldOut[i]?.group === own.group);
        const versus = arm(id).toxicityVersus?.map(({ reference }) => {
          const [ours, theirs] = [shares(id), shares(reference)].map((all) => places.map((i) => all[i]));
          const frames = places.map((i) => templates[i] ?? '');
          return { reference, difference: pairedDifference(ours ?? [], theirs ?? [], frames, bootstrap) };
        });
        assert.deepEqual(own.toxicityVersus, versus, `${id} on ${own.group}`);
        const distances = places.map((i) => {
          const n = numbers[i] ?? NaN;
          return divergence(rowAt('base', n), rowAt(id, n));
        });
        const mean = distances.reduce((sum, own) => sum + own, 0) / distances.length;
        if (id === 'base') assert.equal(own.kl, undefined);
        else near(measuredOf(own.kl)?.value, mean, `KL of ${id} on ${own.group}`);
      }
    }
  });

  it('gives each arm what its own training took and made of it, failed ones too', () => {
    for (const { id, seed, learningRate, trainableParameters } of descriptions.slice(1)) {
      const { finalLoss, trainTokensPerSecond, peakMemoryBytes, failure, ...own } = arm(id);
      assert.deepEqual({ finalLoss, trainTokensPerSecond, peakMemoryBytes }, costAt(id));
      assert.equal(failure, failureAt(id)?.what);
      assert.deepEqual(
        [own.seed, own.learningRate, own.trainableParameters],
        [seed, learningRate, trainableParameters],
      );
    }
    const costs = trained.map((id) => {
      const { trainTokensPerSecond, peakMemoryBytes } = costAt(id);
      return [id, trainTokensPerSecond, peakMemoryBytes];
    });
    assert.deepEqual(
      events('arm-finished').map((event) => [event.arm, event.trainTokensPerSecond, event.peakMemoryBytes]),
      costs,
    );
    assert.deepEqual(
      events('arm-failed').map(({ arm: id, reason }) => [id, reason]),
      ['r16-s0', 'r16-s1'].map((id) => [id, failureAt(id)?.what]),
    );
  });

  it('tells every step of every arm as the trainer told it', () => {
    const expected = [1, 2].flatMap((step) =>
      model.plans.flatMap(({ id }) => {
        const isOver = (failureAt(id)?.step ?? Infinity) <= step;
        return isOver ? [] : [{ time: 0, type: 'step', arm: id, step, of: 2, ...stepAt(id, step) }];
      }),
    );
    assert.deepEqual(
      events('step').map((event) => ({ ...event, time: 0 })),
      expected,
    );
  });

  it('probes each arm on training prompts, which no result is read from, at its own step', () => {
    // Three of the five, spread over them.
    const probed = [0, 1, 3];
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
    const found = events('probe');
    assert.deepEqual(
      found.map(({ arm: id, step, n }) => [id, step, n]),
      [
        ...['base', 'r8-s0', 'r8-s1', 'r16-s0', 'r16-s1', 'full-s0', 'full-s1'].map((id) => [id, 0, 3]),
        ...trained.map((id) => [id, 2, 3]),
      ],
    );
    const forgotten = (id: string) => {
      const sum = (pick: 'nll' | 'tokens', of: string) =>
        neutral.reduce((total, text) => total + lossAt(of, numberOf(text))[pick], 0);
      return (sum('nll', id) - sum('nll', 'base')) / sum('tokens', id);
    };
    for (const { arm: id, kl, entropy, toxicityRate: rate, forgetting, groupGap } of found) {
      if (id === 'base') assert.equal(forgetting, undefined);
      else near(forgetting, forgotten(id), `forgetting of ${id}`);
      const share = (of: readonly number[]) => {
        const toxic = of.flatMap((n) => [0, 1].map((s) => toxicAt(id, n, s))).filter((t) => t !== undefined);
        return mean(toxic.map(Number));
      };
      near(groupGap, Math.abs(share([0, 3]) - share([1])), `gap of ${id}`);
      if (id === 'base') assert.equal(kl, undefined);
      else near(kl, mean(probed.map((n) => divergence(rowAt('base', n), rowAt(id, n)))), `KL of ${id}`);
      near(
        entropy,
        mean(probed.map((n) => -rowAt(id, n).reduce((s, l) => s + Math.exp(l) * l, 0))),
        `entropy of ${id}`,
      );
      const judged = probed.flatMap((n) => [0, 1].map((s) => toxicAt(id, n, s))).filter((t) => t !== undefined);
      near(rate, mean(judged.map(Number)), `rate of ${id}`);
    }
  });

  it('compares arms for the editor as the run did, with the same templates', async () => {
    const of = (id: string) => ({ run: run.folder.path, arm: id });
    const { arms } = await compareArms(['base', 'r8-s1', 'r16-s1'].map(of), of('full-s1'), new CompletionPages());
    const options = { seed: 0 };
    const expected = (id: string) => {
      const { toxicity } = toxicityRate(flags(id), flagTemplates, options);
      const estimate = pairedDifference(shares(id), shares('full-s1'), templates, options);
      return { of: of(id), metrics: arm(id), toxicityRate: toxicity, difference: estimate };
    };
    assert.deepEqual(arms, [
      expected('base'),
      expected('r8-s1'),
      {
        ...{ of: of('r16-s1'), metrics: arm('r16-s1') },
        toxicityRate: { unmeasured: 'no completion could be judged' },
        difference: { unmeasured: 'the loss of r16-s1 is not finite' },
      },
    ]);
  });
});
