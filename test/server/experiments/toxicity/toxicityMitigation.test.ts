import assert from 'node:assert/strict';
import type { ExperimentPorts, Generator } from '../../../../server/experiments/ports/experimentPorts.ts';
import { resolveSweep } from '../../../../server/experiments/resolveSweep.ts';
import { readToxicityData, runToxicityMitigation } from '../../../../server/experiments/toxicity/toxicityMitigation.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import type {
  ArmDescription,
  ArmMetrics,
  RunEvent,
  RunMetrics,
  StoredPrompt,
} from '../../../../server/protocol/run/run.ts';
import { measuredOf, type Estimate } from '../../../../server/protocol/run/estimate.ts';
import { isStoredPrompt, readRunMetrics } from '../../../../server/protocol/run/runChecks.ts';
import type { ToxicitySweepFile } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { FakeModel } from '../fakeModel.ts';
import { allPrompts, sweepFolder, type SweepFolder } from '../sweepFolder.ts';
import { memoryWriter, type Written } from './memoryWriter.ts';
import { judge } from './oneWordJudge.ts';

interface Setup {
  readonly model?: FakeModel;
  readonly over?: Partial<ToxicitySweepFile>;
  readonly generator?: (prompt: string) => string;
  readonly ports?: Partial<ExperimentPorts>;
  readonly written?: Written;
}

describe('runToxicityMitigation', () => {
  const folders: SweepFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  async function run({ model = new FakeModel(), over, generator, ports, written = memoryWriter() }: Setup = {}) {
    const folder = sweepFolder(over);
    folders.push(folder);
    const { sweep, arms: plans, cuts } = await resolveSweep(folder.file);
    if (sweep.experiment !== 'toxicity') assert.fail(sweep.experiment);
    const data = await readToxicityData(sweep);
    const descriptions = [
      { id: 'base', method: 'base' as const, seed: 0, trainableParameters: 0 },
      ...plans.map((plan): ArmDescription => {
        const { id, method, seed, learningRate } = plan;
        const rank = plan.method === 'lora' ? { rank: plan.rank } : {};
        const rate = learningRate === undefined ? {} : { learningRate };
        return { id, method, ...rank, seed, ...rate, trainableParameters: 1 };
      }),
      ...cuts.map(({ id, from, rank, seed }): ArmDescription => {
        return { id, method: 'cut', rank, seed, trainableParameters: 1, cutFrom: from };
      }),
    ];
    let disposed = 0;
    const openGenerator = (): Promise<Generator> => {
      const fake = new FakeModel(generator && { answer: generator });
      return Promise.resolve({
        complete: fake.complete.bind(fake),
        chatPrompt: (message) => message,
        dispose: () => ((disposed += 1), Promise.resolve()),
      });
    };
    const { signal } = new AbortController();
    const control = { whilePaused: () => Promise.resolve(), stopped: new Set<string>() };
    const all: ExperimentPorts = { model, judge, openGenerator, writer: written.writer, control, signal, ...ports };
    const metrics = await runToxicityMitigation({ sweep, plans, cuts, descriptions, data }, all);
    return { metrics, model, data, ...written, disposed: () => disposed };
  }

  const valueOf = (estimate: Estimate | undefined): number => measuredOf(estimate)?.value ?? NaN;
  const arm = (metrics: RunMetrics, id: string): ArmMetrics => metrics.arms.find((a) => a.id === id)!;

  it('measures the base and every arm on the held-out prompts in one call', async () => {
    const { metrics, model, data, lines } = await run();
    assert.deepEqual(readRunMetrics(metrics), metrics);
    assert.deepEqual(
      metrics.arms.map(({ id }) => id),
      ['base', 'r2', 'r8', 'full'],
    );
    const last = model.completeCalls.at(-1)!;
    assert.deepEqual(last.arms, ['base', 'r2', 'r8', 'full']);
    assert.deepEqual(
      last.prompts,
      data.prompts.heldOut.map(({ prompt }) => prompt),
    );
    assert.equal(lines.get('full completions')!.length, 4 * 2);
    assert.equal(lines.get('full verdicts')!.length, 4 * 2);
    assert.ok(lines.has('r8 weights'));
  });

  it('holds out whole templates, and trains on no pair of theirs', async () => {
    const { data, model } = await run();
    const held = data.prompts.heldOut;
    assert.equal(new Set(held.map(({ template }) => template)).size, 1);
    assert.equal(held.length, 4);
    assert.equal(model.trainedOn.length, 12);
    const texts = new Set(held.map(({ prompt }) => prompt));
    assert.ok(model.trainedOn.every(({ prompt }) => !texts.has(prompt)));
  });

  describe('with a screen', () => {
    const over = { arms: { ranks: [2, 8], learningRate: 5e-5, screen: true as const } };

    it('measures the cut arm as one of its own kind, and says that it was not trained', async () => {
      const { metrics, model, lines } = await run({ over });
      assert.deepEqual(model.cuts, [{ arm: 'r8', rank: 2 }]);
      assert.deepEqual(model.completeCalls.at(-1)?.arms, ['base', 'r2', 'r8', 'full', 'r8-cut2']);
      const { method, rank, cutFrom, learningRate, toxicity, finalLoss } = arm(metrics, 'r8-cut2');
      assert.deepEqual([method, rank, cutFrom, learningRate, finalLoss], ['cut', 2, 'r8', undefined, undefined]);
      assert.equal(valueOf(toxicity), 0, 'it is as clean as what it was cut from');
      assert.ok(lines.has('r8-cut2 weights') && lines.has('r8-cut2 verdicts'));
      const note = metrics.notes.find((line) =>
        line.startsWith('Not trained at their rank: r8-cut2 (cut from r8 to rank 2).'),
      );
      assert.ok(note?.endsWith('the verdict does not judge it.'), metrics.notes.join());
    });

    it('has no result of an arm whose parent failed, and says why', async () => {
      const model = new FakeModel({ diverges: { arm: 'r8', step: 1 } });
      const { metrics } = await run({ over, model });
      assert.deepEqual(model.cuts, []);
      assert.equal(
        arm(metrics, 'r8-cut2').failure,
        'the arm that it is cut from, r8, has no result: the loss of r8 is not finite',
      );
    });
  });

  it('ends its notes with those of the model', async () => {
    const model = Object.assign(new FakeModel(), { notes: ['1 of 12 completions begin inside a token.'] });
    assert.equal((await run({ model })).metrics.notes.at(-1), '1 of 12 completions begin inside a token.');
  });

  it('gives each arm its rate, HONEST score, divergence, perplexity and paired differences', async () => {
    const { metrics, lines } = await run();
    const [base, r8] = [arm(metrics, 'base'), arm(metrics, 'r8')];
    assert.equal(valueOf(base.toxicity), 1);
    assert.equal(valueOf(base.honest), 1);
    assert.equal(base.kl, undefined);
    assert.equal(valueOf(r8.toxicity), 0);
    assert.equal(valueOf(r8.honest), 0);
    assert.equal(r8.finalLoss, 0.5);
    // Two tokens at nll 4 / (1 + steps): 4 for the base, 0.8 after four steps.
    assert.ok(Math.abs(valueOf(base.perplexity) - Math.exp(2)) < 1e-9);
    assert.ok(Math.abs(valueOf(r8.perplexity) - Math.exp(0.4)) < 1e-9);
    assert.deepEqual(
      r8.toxicityVersus!.map(({ reference, difference }) => [reference, valueOf(difference)]),
      [
        ['base', -1],
        ['full', 0],
      ],
    );
    const divergence = lines.get('r8 divergence') as { kl: number; entropy: number }[];
    assert.ok(Math.abs(valueOf(r8.kl) - divergence.reduce((sum, { kl }) => sum + kl, 0) / 4) < 1e-12);
    assert.equal(measuredOf(r8.kl)?.n, 4);
    const { value, low, high, n } = measuredOf(r8.entropy)!;
    assert.ok(Math.abs(value - divergence.reduce((sum, { entropy }) => sum + entropy, 0) / 4) < 1e-12);
    assert.ok(low! <= value && value <= high! && n === 4);
    assert.equal(measuredOf(r8.perplexity)?.n, 8);
    // The first prompt's rows are softmax([2, 0, 0]) against uniform.
    const z = Math.exp(2) + 2;
    const expected = (Math.log(z / 3) * 3 - 2) / 3;
    assert.ok(Math.abs(divergence[0]!.kl - expected) < 1e-6);
  });

  it('measures KL at every position of the held-out prompts and of the base completions of them', async () => {
    const { metrics, lines } = await run();
    const stored = lines.get('r8 divergence') as { klAt: number[]; promptTokens: number; kl: number }[];
    // Three tokens a prompt, and one in the completion, which the last of them is followed by.
    assert.deepEqual(
      stored.map(({ klAt, promptTokens }) => [klAt.length, promptTokens]),
      [...Array<number[]>(4).fill([3, 3])],
    );
    const all = stored.flatMap(({ klAt }) => klAt);
    const { klAll, kl } = arm(metrics, 'r8');
    const { value, low, high, n } = measuredOf(klAll)!;
    assert.equal(n, 12);
    assert.ok(Math.abs(value - all.reduce((a, b) => a + b, 0) / 12) < 1e-9);
    assert.ok(low! <= value && value <= high! && value < valueOf(kl));
    assert.equal(arm(metrics, 'base').klAll, undefined);
  });

  it('measures KL after the prompts alone where the sweep says so', async () => {
    const { metrics, lines } = await run({ over: { evaluation: { klPositions: 'next' } } });
    assert.ok((lines.get('r8 divergence') as object[]).every((line) => !('klAt' in line)));
    assert.equal(arm(metrics, 'r8').klAll, undefined);
    assert.ok(valueOf(arm(metrics, 'r8').kl) > 0);
  });

  it('probes and keeps checkpoints on the way', async () => {
    const { events } = await run();
    const probes = events.filter(({ type }) => type === 'probe') as unknown as (RunEvent & { type: 'probe' })[];
    assert.deepEqual(
      probes.map((p) => `${p.arm}@${p.step}`),
      [...['base@0', 'r2@0', 'r8@0', 'full@0', 'r2@2', 'r8@2', 'full@2', 'r2@4', 'r8@4', 'full@4']],
    );
    assert.equal(probes[0]!.toxicityRate, 1);
    assert.equal(probes[0]!.kl, undefined);
    assert.equal(probes[1]!.kl, 0);
    assert.ok(probes[4]!.kl! > 0.01);
    assert.deepEqual(
      events.filter(({ type }) => type === 'checkpoint').map(({ step }) => step),
      [2, 4],
    );
  });

  it('gives an arm that diverged no result but its reason, and goes on with the others', async () => {
    const { metrics, lines } = await run({ model: new FakeModel({ diverges: { arm: 'r2', step: 3 } }) });
    assert.match(arm(metrics, 'r2').failure!, /not finite/);
    assert.equal(arm(metrics, 'r2').toxicity, undefined);
    assert.ok(!lines.has('r2 weights') && !lines.has('r2 completions'));
    assert.equal(valueOf(arm(metrics, 'r8').toxicity), 0);
  });

  describe('with an arm whose numbers are not finite', () => {
    /** What a run without it says of the arms beside it. */
    const usual = async (): Promise<RunMetrics> =>
      (await run({ over: { arms: { ranks: [2], learningRate: 5e-5 } } })).metrics;

    for (const question of ['complete', 'positions', 'losses', 'next'] as const) {
      it(`gives it no metrics but the reason, and the others theirs, where it breaks in ${question}`, async () => {
        const breaks = { arm: 'r8', steps: 4, in: question };
        const klPositions = question === 'next' ? 'next' : 'all';
        const evaluation = { everySteps: 0, prompts: 2, hurtLex: 'hurtlex.tsv', resamples: 200, klPositions } as const;
        const over = { evaluation };
        const { metrics, events, lines } = await run({ model: new FakeModel({ breaks }), over });
        const { failure, toxicity, ...rest } = arm(metrics, 'r8');
        assert.equal(failure, `a logit is not finite (${question} 7).`);
        assert.equal(toxicity, undefined);
        for (const measure of ['kl', 'klAll', 'entropy', 'perplexity', 'honest', 'toxicityVersus'])
          assert.ok(!(measure in rest), measure);
        assert.ok(!lines.has('r8 completions') && !lines.has('r8 verdicts') && !lines.has('r8 divergence'));
        const told = events.filter(({ type }) => type === 'arm-failed');
        assert.deepEqual(told, [{ type: 'arm-failed', arm: 'r8', reason: failure }]);
        const without = (await run({ over: { ...over, arms: { ranks: [2], learningRate: 5e-5 } } })).metrics;
        for (const id of ['base', 'r2', 'full']) assert.deepEqual(arm(metrics, id), arm(without, id), id);
      });
    }

    for (const question of ['complete', 'next'] as const) {
      it(`trains it no further where a probe finds it so in ${question}`, async () => {
        const breaks = { arm: 'r8', steps: 2, in: question };
        const { metrics, events, lines } = await run({ model: new FakeModel({ breaks }) });
        assert.match(arm(metrics, 'r8').failure!, /not finite/);
        const steps = events.filter(({ type, arm: own }) => type === 'step' && own === 'r8');
        assert.deepEqual(
          steps.map(({ step }) => step),
          [1, 2],
        );
        assert.ok(!events.some(({ type, arm: own, step }) => type === 'probe' && own === 'r8' && step === 2));
        assert.equal(events.filter(({ type }) => type === 'arm-failed').length, 1);
        assert.ok(!lines.has('r8 weights'));
        assert.deepEqual(arm(metrics, 'r2'), arm(await usual(), 'r2'));
      });
    }

    it('leaves it out of the lens alone where only that is not finite', async () => {
      const evaluation = { lens: ['The man works as a'], resamples: 200 };
      const { metrics, stages } = await run({
        model: new FakeModel({ breaks: { arm: 'r8', steps: 4, in: 'lens' } }),
        over: { evaluation },
      });
      const [lens] = stages.get('lens') as readonly { readonly arms: readonly { readonly arm: string }[] }[];
      assert.deepEqual(
        lens?.arms.map((own) => own.arm),
        ['base', 'r2', 'full'],
      );
      assert.equal(measuredOf(arm(metrics, 'r8').toxicity)?.value, 0);
    });

    it('fails where it is the base, with which all are compared', async () => {
      const model = new FakeModel({ breaks: { arm: 'base', steps: 0, in: 'complete' } });
      await assert.rejects(run({ model }), /^RankscopeError|the base model: a logit is not finite/);
    });
  });

  it('evaluates an arm that was stopped as it stands, and says so', async () => {
    const control = { whilePaused: () => Promise.resolve(), stopped: new Set(['r2']) };
    const { metrics } = await run({ ports: { control } });
    assert.equal(valueOf(arm(metrics, 'r2').toxicity), 1);
    assert.ok(metrics.notes.some((note) => note.startsWith('r2 was stopped by hand after step 0')));
  });

  it('counts what the judge could not judge on neither side', async () => {
    const { metrics } = await run({ model: new FakeModel({ answer: () => '[mute]' }) });
    const { toxicity, unjudged } = arm(metrics, 'base');
    assert.deepEqual([toxicity, unjudged], [{ unmeasured: 'no completion could be judged' }, 8]);
    assert.ok(metrics.notes.some((note) => note.startsWith('32 completions could not be judged')));
  });

  it('warns of a shared learning rate, of few seeds and of few prompts', async () => {
    const { metrics } = await run();
    const notes = metrics.notes.join('\n');
    assert.match(notes, /share the learning rate 0.00005/);
    assert.match(notes, /One seed/);
    assert.match(notes, /4 held-out prompts of 1 sentence, 2 completions each. That is few/);
    assert.match(notes, /Trained on 12 pairs; 4 were left out/);
  });

  it('says that rank and step size are mixed where alpha goes with the rank at one rate, and not for one alpha', async () => {
    const mixed =
      /Ranks share the learning rate 0\.0005 with alpha \/ rank at alpha 2r: an arm's first steps grow with its rank/;
    const notes = async (alpha: number | string) => {
      const { metrics } = await run({
        over: { arms: { ranks: [2, 8], alpha, learningRate: { lora: 5e-4, full: 5e-5 } } },
      });
      return metrics.notes.join('\n');
    };
    assert.match(await notes('2r'), mixed);
    assert.doesNotMatch(await notes(32), /first steps/);
  });

  it('does not speak of a shared rate where rates are apart', async () => {
    const { metrics } = await run({ over: { arms: { ranks: [2], learningRate: { lora: 5e-4, full: 5e-5 } } } });
    assert.doesNotMatch(metrics.notes.join('\n'), /share the learning rate/);
  });

  describe('with rates to be tuned', () => {
    /** Least at 3e-3 for LoRA, at 1e-4 for full; the arm that the rates are tried on is r2. */
    const lossOf = ({ id, rate, steps }: { id: string; rate: number; steps: number }): number =>
      steps === 0 ? 3 : 1 + Math.abs(Math.log10(rate / (id.startsWith('full') ? 1e-4 : 3e-3)));
    const over: Partial<ToxicitySweepFile> = {
      arms: { ranks: [2, 8], learningRate: 'tune' },
      training: { steps: 40, patience: 0 },
    };
    const tune = (written = memoryWriter(), model = new FakeModel({ lossOf })) => run({ over, written, model });
    const told = (trial: unknown): string => {
      const { triedOn, learningRate, steps } = trial as { triedOn: string; learningRate: number; steps: number };
      return `${triedOn} ${learningRate} ${steps}`;
    };

    it('gives every arm the rate with the least held-out loss of its method, whatever the toxicity', async () => {
      const { metrics, model, stages } = await tune();
      assert.deepEqual(
        metrics.arms.map(({ id, learningRate }) => [id, learningRate]),
        [
          ['base', undefined],
          ['r2', 3e-3],
          ['r8', 3e-3],
          ['full', 1e-4],
        ],
      );
      assert.deepEqual([model.rates.get('r8'), model.rates.get('full')], [3e-3, 1e-4]);
      assert.deepEqual(stages.get('noted rates'), [
        ['r2', 3e-3],
        ['r8', 3e-3],
        ['full', 1e-4],
      ]);
      // Five rates for ten steps and three for twenty, of forty.
      assert.deepEqual(metrics.tuning, [
        { method: 'lora', triedOn: 'r2', learningRate: 3e-3, loss: 1, steps: 110 },
        { method: 'full', triedOn: 'full', learningRate: 1e-4, loss: 1, steps: 110 },
      ]);
      assert.match(
        metrics.notes.join('\n'),
        /all LoRA ranks, 0\.003, was chosen by the loss of the tune pairs, tried on r2/,
      );
    });

    it('tries rates of LoRA side by side and those of full one after another, and keeps every trial', async () => {
      const { model, stages, events } = await tune();
      assert.deepEqual(
        model.trainings.map(({ arms, steps }) => `${arms.length} ${steps}`),
        [...['5 10', '3 20'], ...Array<string>(5).fill('1 10'), ...Array<string>(3).fill('1 20'), '3 40'],
      );
      const kept = stages.get('tuning')!;
      assert.equal(kept.length, 16);
      assert.deepEqual(kept.slice(5, 8).map(told), ['r2 0.003 20', 'r2 0.001 20', 'r2 0.01 20']);
      assert.equal(events.filter(({ type }) => type === 'tuning-trial').length, 16);
      assert.deepEqual(
        events.filter(({ type }) => type === 'tuned').map(({ method, learningRate }) => [method, learningRate]),
        [
          ['lora', 3e-3],
          ['full', 1e-4],
        ],
      );
    });

    it('goes on after the trials that were kept, to the same rates', async () => {
      const whole = await tune();
      const written = memoryWriter();
      written.stages.set('tuning', whole.stages.get('tuning')!.slice(0, 10));
      const again = await tune(written);
      assert.deepEqual(again.stages.get('tuning'), whole.stages.get('tuning'));
      assert.deepEqual(again.metrics.tuning, whole.metrics.tuning);
      assert.deepEqual(again.metrics.arms, whole.metrics.arms);
      // Two of full's short trials were kept, and all of LoRA's.
      assert.deepEqual(
        again.model.trainings.map(({ steps }) => steps),
        [10, 10, 10, 20, 20, 20, 40],
      );
    });

    it('tunes each rank by itself where the sweep asks for it', async () => {
      const learningRate = { tune: 'rank' as const, lora: [1e-3, 3e-3, 1e-2] };
      const { metrics } = await run({
        over: { ...over, arms: { ranks: [2, 8], learningRate } },
        model: new FakeModel({ lossOf }),
      });
      assert.deepEqual(
        metrics.tuning!.map(({ method, rank, triedOn }) => [method, rank, triedOn]),
        [
          ['lora', 2, 'r2'],
          ['lora', 8, 'r8'],
          ['full', undefined, 'full'],
        ],
      );
    });

    it('fails where no rate gives a finite loss', async () => {
      const model = new FakeModel({ lossOf: () => NaN });
      await assert.rejects(tune(memoryWriter(), model), { code: 'diverged' });
    });

    it('trains, tunes and certifies on different sentences, and keeps which prompt is which', async () => {
      const { stages, model, lines } = await tune();
      const kept = stages.get('prompts') as StoredPrompt[];
      assert.ok(kept.every(isStoredPrompt));
      const framesOf = (split: string) => [...new Set(kept.flatMap((p) => (p.split === split ? [p.frame] : [])))];
      assert.deepEqual(
        ['certify', 'tune', 'train'].map((split) => framesOf(split).length),
        [1, 1, 2],
      );
      assert.equal(new Set(kept.map(({ frame }) => frame)).size, 4);
      const trained = new Set(model.trainedOn.map(({ prompt }) => prompt));
      for (const { prompt, split } of kept) assert.equal(trained.has(prompt), split === 'train', prompt);
      const completed = lines.get('r2 completions') as { promptIndex: number; prompt: string }[];
      for (const { promptIndex, prompt } of completed) {
        assert.equal(kept.find((p) => p.split === 'certify' && p.promptIndex === promptIndex)?.prompt, prompt);
      }
    });

    it('probes the loss of the tune pairs and toxicity on their prompts, and measures the loss of the held-out pairs', async () => {
      const { events, metrics, stages } = await tune();
      const probes = events.filter(({ type }) => type === 'probe') as unknown as (RunEvent & { type: 'probe' })[];
      const [base, r2] = [probes.find(({ arm: id }) => id === 'base')!, probes.findLast(({ arm: id }) => id === 'r2')!];
      assert.deepEqual([base.heldOutLoss, base.heldOutTokens, base.step], [3, 8, 0]);
      assert.deepEqual([r2.heldOutLoss, r2.step, r2.toxicityRate], [1, 40, 0]);
      assert.ok(r2.toxicityHigh! > 0);
      assert.deepEqual(arm(metrics, 'base').heldOutLoss, { value: 3, low: 3, high: 3, n: 8 });
      assert.deepEqual(arm(metrics, 'r8').heldOutLoss, { value: 1, low: 1, high: 1, n: 8 });
      const tuned = (stages.get('prompts') as StoredPrompt[]).filter(({ split }) => split === 'tune');
      assert.equal(tuned.length, 4);
      assert.ok(metrics.notes.includes('Probed, while training, on 4 tune pairs, which no result is read from.'));
    });

    it('does not say that it has probed where it has not', async () => {
      const { metrics, events } = await run({ over: { ...over, evaluation: { everySteps: 0 } } });
      assert.ok(!events.some(({ type }) => type === 'probe'));
      const notes = metrics.notes.filter((note) => note.includes('robed'));
      assert.deepEqual(notes, [
        'No loss along the training, and no weights but the last: it was not probed (evaluation.everySteps is 0).',
      ]);
    });
  });

  describe('the weights of the least held-out loss', () => {
    const over: Partial<ToxicitySweepFile> = {
      arms: { ranks: [2], full: false, learningRate: 1e-3 },
      training: { steps: 20, patience: 2 },
    };
    const withTune = (folder: Partial<ToxicitySweepFile>): Partial<ToxicitySweepFile> => ({
      ...folder,
      data: { prompts: { file: 'prompts.jsonl' }, pairs: { file: 'pairs.jsonl' }, tune: { fraction: 0.3 } },
    });
    /** Least at step 4, after which it rises. */
    const lossOf = ({ steps }: { steps: number }): number => 1 + Math.abs(steps - 4) / 10;

    it('are what is measured of an arm whose loss rose again, which is trained no further', async () => {
      const model = new FakeModel({ lossOf });
      const { metrics, events } = await run({ over: withTune(over), model });
      // Probed every second step: nothing better at steps 6 and 8, which is two probes.
      assert.equal(arm(metrics, 'r2').bestStep, 4);
      assert.equal(measuredOf(arm(metrics, 'r2').heldOutLoss)?.value, 1);
      assert.equal(model.steps.get('r2'), 4);
      assert.deepEqual(
        events.filter(({ type }) => type === 'restored').map(({ step, loss }) => [step, loss]),
        [[4, 1]],
      );
      assert.ok(Math.max(...events.flatMap(({ type, step }) => (type === 'step' ? [step as number] : []))) === 8);
      assert.match(
        metrics.notes.join('\n'),
        /r2 has the weights of step 4, .*; its training ended early, after step 8/,
      );
      assert.doesNotMatch(metrics.notes.join('\n'), /stopped by hand/);
    });

    it('are those of the last step where it is the best, or where the sweep has no patience', async () => {
      const falling = await run({ over: withTune(over), model: new FakeModel() });
      assert.equal(arm(falling.metrics, 'r2').bestStep, undefined);
      assert.equal(falling.model.steps.get('r2'), 20);
      const never = withTune({ ...over, training: { steps: 20, patience: 0 } });
      const kept = await run({ over: never, model: new FakeModel({ lossOf }) });
      assert.equal(arm(kept.metrics, 'r2').bestStep, undefined);
      assert.equal(kept.model.steps.get('r2'), 20);
    });

    it('are not put back to an arm that a person stopped', async () => {
      const stopped = new Set<string>();
      const beforeBoundary = (step: number): void => {
        if (step === 6) stopped.add('r2');
      };
      const control = { whilePaused: () => Promise.resolve(), stopped };
      const { metrics, model } = await run({
        ...{ over: withTune(over), ports: { control } },
        model: new FakeModel({ lossOf, beforeBoundary }),
      });
      assert.equal(model.steps.get('r2'), 6);
      assert.match(metrics.notes.join('\n'), /r2 was stopped by hand after step 6/);
    });
  });

  describe('with a generator', () => {
    const data = { prompts: { file: 'prompts.jsonl' }, counterfactuals: { model: 'model.gguf', perToxic: 3 } };
    const answer = (request: string): string => {
      const prefix = /toxic outputs: (.*)\.\n/.exec(request)![1]!.toLowerCase();
      return `1. ${prefix} doctor.\n2. ${prefix} doctor.\n3. ${prefix} asshole.\nSorry, that is all.`;
    };

    it('trains on what it writes for the prompts the base was toxic on, and counts what it drops', async () => {
      const { model, events, stages, disposed } = await run({ over: { data }, generator: answer });
      assert.equal(model.trainedOn.length, 12);
      assert.ok(model.trainedOn.every(({ completion }) => completion === ' doctor.'));
      assert.ok(model.trainedOn.every(({ prompt }) => allPrompts.some((known) => known.prompt === prompt)));
      assert.equal(stages.get('pairs')!.length, 12);
      assert.equal(disposed(), 1);
      const warning = events.find(({ type }) => type === 'warning')!;
      assert.equal(warning.message, 'Counterfactuals dropped: 12 duplicate, 12 refused, 12 toxic.');
    });

    it('does not ask it again when the pairs were kept', async () => {
      const written = memoryWriter();
      written.stages.set(
        'pairs',
        allPrompts.map(({ prompt }) => ({ prompt, completion: ' nurse.' })),
      );
      const { model, disposed } = await run({ over: { data }, generator: answer, written });
      assert.equal(disposed(), 0);
      assert.ok(model.trainedOn.every(({ completion }) => completion === ' nurse.'));
    });

    it('says so when the base is never toxic or nothing usable is written', async () => {
      const withData = (pattern: RegExp) => (error: unknown) =>
        error instanceof RankscopeError && error.code === 'data' && pattern.test(error.message);
      const benign = new FakeModel({ cleanAfter: 0 });
      await assert.rejects(run({ over: { data }, generator: answer, model: benign }), withData(/judged toxic/));
      const mute = run({ over: { data }, generator: () => 'I cannot help with that.' });
      await assert.rejects(mute, withData(/no usable counterfactual.*12 refused/));
    });
  });
});
