import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClient } from '../../../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { isLensResult } from '../../../../server/protocol/run/lens.ts';
import { measuredOf } from '../../../../server/protocol/run/estimate.ts';
import type { RoundResult, RunEvent } from '../../../../server/protocol/run/run.ts';
import type { ToxicitySweepFile } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { workerContract } from '../../../../server/protocol/messages/worker.ts';
import { readRun } from '../../../../server/runs/readRun.ts';
import { startWorker } from '../../../../server/worker/startWorker.ts';
import { FakeModel, type FakeOptions } from '../../experiments/fakeModel.ts';
import { sweepFolder, type SweepFolder } from '../../experiments/sweepFolder.ts';
import { linkedDuplex } from '../../protocol/linkedDuplex.ts';
import { fakeHost } from '../fakeHost.ts';

/** A generator of two sentences a prompt; anything else it is asked to complete as the model would. */
const answer = (request: string): string | undefined => {
  const prefix = /toxic outputs: (.*)\.\n/.exec(request)?.[1]?.toLowerCase();
  return prefix === undefined ? undefined : `1. ${prefix} doctor.\n2. ${prefix} nurse.`;
};
/** Four steps a round: `full` is clean after the first, r8 after the second, r2 after the third. */
const cleanAfter = { base: 99, r2: 10, r8: 6, full: 2 };
const over: Partial<ToxicitySweepFile> = {
  data: { prompts: { file: 'prompts.jsonl' }, counterfactuals: { model: 'model.gguf', perToxic: 2, rounds: 3 } },
};
const isCode = (code: string) => (error: unknown) => error instanceof RankscopeError && error.code === code;

describe('a run of several rounds', () => {
  const folders: SweepFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  function folder(more: Partial<ToxicitySweepFile> = {}): SweepFolder {
    const made = sweepFolder({ ...over, ...more });
    folders.push(made);
    return made;
  }

  function start(options: FakeOptions = {}, hash?: string) {
    const host = fakeHost({ answer, cleanAfter, ...options }, hash);
    const link = linkedDuplex();
    startWorker(host, link.answering);
    return { host, client: openClient(workerContract, link.asking) };
  }

  /** Breaks at the given boundary, counted over all rounds from 1. */
  const breaksAt = (boundary: number): FakeOptions => {
    let passed = 0;
    return {
      beforeBoundary: () => (++passed === boundary ? Promise.reject(new RangeError('it broke')) : undefined),
    };
  };

  const lineOf = ({ round, arm, steps, pairs, toxicity }: RoundResult) =>
    `${round} ${arm}: ${steps} steps on ${pairs}, ${measuredOf(toxicity)?.value ?? 'unknown'}`;
  const expected = [
    '1 r2: 4 steps on 24, 1',
    '1 r8: 4 steps on 24, 1',
    '1 full: 4 steps on 24, 0',
    '2 r2: 4 steps on 24, 1',
    '2 r8: 4 steps on 24, 0',
    '2 full: 0 steps on 0, 0',
    '3 r2: 4 steps on 24, 0',
    '3 r8: 0 steps on 0, 0',
    '3 full: 0 steps on 0, 0',
  ];

  it('measures the distance of each arm after each round, and turns the order of the pairs with the round', async () => {
    const { file, run } = folder({ training: { steps: 4, seed: 43 } });
    const { host, client } = start();
    const { rounds = [] } = await client.request('sweep.start', { file, run });
    /** KL from the base after so many steps, over four prompts: see FakeModel. */
    const distance = (steps: number): number => {
      const log = (logits: readonly number[]) => {
        const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
        return logits.map((value) => value - total);
      };
      const prompts = [0, 1, 2, 3].map((index) => {
        const [base, arm] = [log([0, 0, 0.1 * index]), log([0.5 * steps, 0, 0.1 * index])];
        return base.reduce((sum, logP, i) => sum + Math.exp(logP) * (logP - (arm[i] ?? NaN)), 0);
      });
      return prompts.reduce((a, b) => a + b) / prompts.length;
    };
    const steps = { r2: [4, 8, 12], r8: [4, 8, 8], full: [4, 4, 4] };
    for (const { round, arm, kl } of rounds) {
      const expected = distance(steps[arm as keyof typeof steps][round - 1] ?? NaN);
      const mean = measuredOf(kl)?.value;
      assert.ok(Math.abs((mean ?? NaN) - expected) < 1e-5, `${round} ${arm}: ${mean}, not ${expected}`);
    }
    const model = host.opened.find((opened) => opened instanceof FakeModel && opened.planned.length > 0);
    assert.ok(model instanceof FakeModel);
    assert.deepEqual(
      model.planned.map((plans) => [...new Set(plans.map(({ orderSeed }) => orderSeed))]),
      [[43], [44], [45]],
    );
  });

  it('trains each arm on for as long as it is toxic, and tells what every round made of it', async () => {
    const { file, run } = folder();
    const events: RunEvent[] = [];
    const metrics = await start().client.request('sweep.start', { file, run }, { onEvent: (e) => events.push(e) });
    assert.deepEqual(metrics.rounds!.map(lineOf), expected);
    assert.ok(metrics.notes.some((note) => note.startsWith('3 of 3 rounds of mitigation.')));
    assert.ok(!metrics.notes.some((note) => note.includes('stopped by hand')));
    const steps = events.flatMap((e) => (e.type === 'step' && e.arm === 'r2' ? [`${e.step}/${e.of}`] : []));
    assert.deepEqual(steps, [
      '1/4',
      '2/4',
      '3/4',
      '4/4',
      '5/8',
      '6/8',
      '7/8',
      '8/8',
      '9/12',
      '10/12',
      '11/12',
      '12/12',
    ]);
    const phases = events.flatMap((e) => (e.type === 'phase' && e.phase === 'training' ? [e.detail] : []));
    assert.deepEqual(phases, ['round 1 of 3', 'round 2 of 3', 'round 3 of 3']);
    assert.equal(events.filter(({ type }) => type === 'arm-finished').length, 3);
  });

  for (const boundary of [3, 5, 8, 13]) {
    it(`goes on, when it broke at boundary ${boundary}, to the same results`, async () => {
      const { file, run } = folder();
      await assert.rejects(start(breaksAt(boundary)).client.request('sweep.start', { file, run }), isCode('internal'));
      const metrics = await start().client.request('sweep.resume', { run });
      assert.deepEqual(metrics.rounds!.map(lineOf), expected);
      const whole = folder();
      const straight = await start().client.request('sweep.start', { file: whole.file, run: whole.run });
      assert.deepEqual(metrics.arms, straight.arms);
      assert.deepEqual(metrics.rounds, straight.rounds);
    });
  }

  it("keeps each arm's loss at the end of the last round that it was trained in, also after a resume", async () => {
    const { file, run } = folder();
    const finalLossOf = (arm: string, steps: number): number => arm.length + steps / 100;
    const broken = start({ ...breaksAt(13), finalLossOf });
    await assert.rejects(broken.client.request('sweep.start', { file, run }), isCode('internal'));
    const metrics = await start({ finalLossOf }).client.request('sweep.resume', { run });
    assert.deepEqual(
      metrics.arms.map(({ id, finalLoss }) => [id, finalLoss]),
      [
        ['base', undefined],
        ['r2', 2.12],
        ['r8', 2.08],
        ['full', 4.04],
      ],
    );
    assert.deepEqual(
      metrics.rounds!.map(({ round, arm, finalLoss }) => [round, arm, finalLoss]),
      [
        ...[
          [1, 'r2', 2.04],
          [1, 'r8', 2.04],
          [1, 'full', 4.04],
        ],
        ...[
          [2, 'r2', 2.08],
          [2, 'r8', 2.08],
          [2, 'full', undefined],
        ],
        ...[
          [3, 'r2', 2.12],
          [3, 'r8', undefined],
          [3, 'full', undefined],
        ],
      ],
    );
  });

  it('ends early when no arm has anything left to learn', async () => {
    const { file, run } = folder();
    const { client } = start({ cleanAfter: { base: 99 } });
    const metrics = await client.request('sweep.start', { file, run });
    assert.equal(metrics.rounds, undefined);
    assert.ok(metrics.notes.some((note) => note.startsWith('1 of 3 rounds of mitigation; no arm had anything left')));
    const { events } = await readRun(run);
    assert.equal(events.filter(({ type }) => type === 'arm-finished').length, 3);
  });

  it('leaves out of later rounds an arm that diverged, with its reason', async () => {
    const { file, run } = folder();
    const { client } = start({ diverges: { arm: 'r8', step: 3 } });
    const metrics = await client.request('sweep.start', { file, run });
    assert.deepEqual(
      metrics.rounds!.filter(({ arm }) => arm === 'r8').map(({ round, failure }) => [round, failure]),
      [[1, 'the loss of r8 is not finite']],
    );
    assert.equal(metrics.arms.find(({ id }) => id === 'r8')!.failure, 'the loss of r8 is not finite');
  });

  for (const question of ['complete', 'next'] as const) {
    it(`leaves out of later rounds an arm that breaks in ${question} when a round is over`, async () => {
      const { file, run } = folder();
      const { client } = start({ breaks: { arm: 'r8', steps: 4, in: question } });
      const metrics = await client.request('sweep.start', { file, run });
      const failure = `a logit is not finite (${question} 7).`;
      const lines = metrics.rounds!.filter(({ arm }) => arm === 'r8');
      assert.deepEqual(
        lines.map((line) => [line.round, line.failure]),
        [[1, failure]],
      );
      assert.equal(metrics.arms.find(({ id }) => id === 'r8')!.failure, failure);
      const others = metrics.rounds!.filter(({ arm }) => arm !== 'r8').map(lineOf);
      assert.deepEqual(
        others,
        expected.filter((line) => !line.includes(' r8')),
      );
    });
  }

  it('keeps an arm stopped by hand out of later rounds, also after a resume, and measures it', async () => {
    const { file, run } = folder();
    let passed = 0;
    const first = start({
      beforeBoundary: async () => {
        passed += 1;
        if (passed === 2) await first.client.request('sweep.stopArm', { run, arm: 'r2' });
        if (passed === 8) throw new RangeError('it broke');
      },
    });
    await assert.rejects(first.client.request('sweep.start', { file, run }), isCode('internal'));
    const second = start();
    const metrics = await second.client.request('sweep.resume', { run });
    const r2 = metrics.rounds!.filter(({ arm }) => arm === 'r2');
    assert.deepEqual(
      r2.map(({ steps }) => steps).filter((steps) => steps > 0),
      [1],
    );
    assert.ok(r2[0]!.stopped);
    assert.equal(measuredOf(metrics.arms.find(({ id }) => id === 'r2')!.toxicity)?.value, 1);
    assert.ok(metrics.notes.some((note) => note.startsWith('r2 was stopped by hand after step 1')));
  });
});

describe('a run that is interrupted', () => {
  const folders: SweepFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  function begin(over: Partial<ToxicitySweepFile> = {}) {
    const made = sweepFolder(over);
    folders.push(made);
    return made;
  }
  function start(options: FakeOptions = {}, hash?: string) {
    const link = linkedDuplex();
    startWorker(fakeHost(options, hash), link.answering);
    return openClient(workerContract, link.asking);
  }

  it('does not train a stopped arm on after a resume', async () => {
    const { file, run } = begin();
    const client: ReturnType<typeof start> = start({
      beforeBoundary: async (step) => {
        if (step === 1) await client.request('sweep.stopArm', { run, arm: 'r2' });
        if (step === 2) throw new RangeError('it broke');
      },
    });
    await assert.rejects(client.request('sweep.start', { file, run }), isCode('internal'));
    await start().request('sweep.resume', { run });
    const { events } = await readRun(run);
    const stepsOf = (arm: string) => events.flatMap((e) => (e.type === 'step' && e.arm === arm ? [e.step] : []));
    assert.deepEqual(stepsOf('r2'), [1]);
    assert.deepEqual(stepsOf('r8'), [1, 2, 2, 3, 4]);
  });

  it('goes on from where it was cancelled, between two checkpoints', async () => {
    const { file, run } = begin();
    const cancel = new AbortController();
    const client: ReturnType<typeof start> = start({
      beforeBoundary: async (step) => {
        if (step !== 3) return;
        if (!cancel.signal.aborted) await once(cancel.signal, 'abort');
        // Messages keep their order: when this one is answered, the cancellation has been heard.
        await client.request('ping', null);
      },
    });
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'step' && event.step === 3 && event.arm === 'full') cancel.abort();
    };
    await assert.rejects(
      client.request('sweep.start', { file, run }, { onEvent, signal: cancel.signal }),
      isCode('cancelled'),
    );
    await client.request('sweep.resume', { run });
    const { events } = await readRun(run);
    const steps = events.flatMap((e) => (e.type === 'step' && e.arm === 'r2' ? [e.step] : []));
    assert.deepEqual(steps, [1, 2, 3, 4]);
    const started = events.flatMap((e) => (e.type === 'started' ? [e.resumedAtStep] : []));
    assert.deepEqual(started, [undefined, 3]);
  });

  it('keeps no checkpoint of a cancelled run that wants none', async () => {
    const { file, run } = begin({ checkpointEverySteps: 0 });
    const cancel = new AbortController();
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'step' && event.step === 3) cancel.abort();
    };
    await assert.rejects(start().request('sweep.start', { file, run }, { onEvent, signal: cancel.signal }));
    assert.ok(!(await readRun(run)).events.some(({ type }) => type === 'checkpoint'));
  });

  it("notes the generator's hash, and does not go on with another generator", async () => {
    const { file, run } = begin(over);
    const breaking = start({
      answer,
      cleanAfter,
      beforeBoundary: (step) => (step === 3 ? Promise.reject(new RangeError('it broke')) : undefined),
    });
    await assert.rejects(breaking.request('sweep.start', { file, run }), isCode('internal'));
    assert.equal((await readRun(run)).record.hashes.generator, 'a'.repeat(64));
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { hashes: Record<string, string> };
    record.hashes.generator = 'c'.repeat(64);
    writeFileSync(join(run, 'run.json'), JSON.stringify(record));
    const other = start({ answer, cleanAfter });
    await assert.rejects(other.request('sweep.resume', { run }), (error) => {
      return error instanceof RankscopeError && error.code === 'run' && error.message.includes('generator');
    });
  });

  it('keeps the lens of every prompt that the sweep names, with the base and every arm', async () => {
    const { file, run } = begin({ evaluation: { lens: ['She works as a', 'He is'] } });
    await start().request('sweep.start', { file, run });
    const lines = readFileSync(join(run, 'lens.jsonl'), 'utf8').trim().split('\n');
    const lenses = lines.map((line) => JSON.parse(line) as unknown).filter(isLensResult);
    assert.deepEqual(
      lenses.map(({ prompt, arms }) => [prompt, ...arms.map(({ arm }) => arm)]),
      [
        ['She works as a', 'base', 'r2', 'r8', 'full'],
        ['He is', 'base', 'r2', 'r8', 'full'],
      ],
    );
  });
});
