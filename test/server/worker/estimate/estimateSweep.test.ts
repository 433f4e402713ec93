import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getHeapSpaceStatistics } from 'node:v8';
import type {
  ArmOutcome,
  ArmPlan,
  TrainingCallbacks,
  TrainingOptions,
} from '../../../../server/experiments/ports/trainerPort.ts';
import {
  availableDisk,
  availableMemory,
  diskSpeed,
  youngRoom,
} from '../../../../server/worker/estimate/estimateLimits.ts';
import { EstimateMeter } from '../../../../server/worker/estimate/estimateMeter.ts';
import { estimateSweep } from '../../../../server/worker/estimate/estimateSweep.ts';
import { rehearseTraining } from '../../../../server/worker/estimate/estimateTraining.ts';
import { sweepFolder } from '../../experiments/sweepFolder.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';
import { fakeHost } from '../fakeHost.ts';

const options: TrainingOptions = {
  ...{ length: { steps: 40 }, batchSize: 2, gradientAccumulation: 8, schedule: 'linear', warmup: { steps: 0 } },
  ...{ weightDecay: 0, clip: 1, betas: [0.9, 0.999], epsilon: 1e-8, shuffle: true, appendEos: true, maxLength: 64 },
};
const plan = (id: string, rank: number): ArmPlan => ({
  ...{ id, seed: 0, orderSeed: 0, learningRate: 1e-4, method: 'lora', rank, alpha: 2, scaling: 'lora', dropout: 0 },
  targets: 'default',
});
const full: ArmPlan = { id: 'full', seed: 0, orderSeed: 0, learningRate: 1e-4, method: 'full' };

/** A trainer whose steps take a known time by its own word: `rank` ms an example, and 40 for a full arm. */
function trainer(trained: Map<string, number>) {
  const step = (arm: ArmPlan, examples: number) => (arm.method === 'full' ? 40 : arm.rank) * examples * 1e-3;
  return async (
    plans: readonly ArmPlan[],
    _: unknown,
    { length, batchSize, gradientAccumulation }: TrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]> => {
    const of = 'steps' in length ? length.steps : NaN;
    for (const group of [
      plans.filter(({ method }) => method === 'lora'),
      plans.filter(({ method }) => method === 'full'),
    ]) {
      let going = group;
      for (let at = 0; going.length > 0; at++) {
        const { stop } = await callbacks.onBoundary({
          step: at,
          of,
          arms: going.map(({ id }) => id),
          save: () => Promise.resolve(),
          fail: () => undefined,
        });
        going = going.filter(({ id }) => !stop.includes(id) && at < of);
        for (const arm of going) {
          trained.set(arm.id, at + 1);
          const seconds = step(arm, batchSize * gradientAccumulation);
          const cost = {
            tokens: 10,
            labelTokens: 5,
            memoryBytes: 1,
            seconds,
            gradientNorm: 1,
            learningRate: 1,
            loss: 1,
          };
          callbacks.onStep({ arm: arm.id, step: at + 1, of, ...cost });
        }
      }
    }
    return plans.map(({ id }) => ({ arm: id, steps: trained.get(id) ?? 0 }));
  };
}

describe('rehearsing training', () => {
  it('trains the extremes for a few steps, passes every boundary, and counts what all steps would take', async () => {
    const trained = new Map<string, number>();
    const meter = new EstimateMeter();
    const boundaries: string[] = [];
    const plans = [plan('r2', 2), plan('r8', 8), plan('r4', 4), full];
    const examples = Array.from({ length: 50 }, () => 'ten letter');
    const outcomes = await rehearseTraining(
      {
        train: trainer(trained),
        lettersOf: (text: string) => text.length,
        meter,
        disk: { bytesPerSecond: 1e6, flush: 0.01 },
        sizes: [10, 40, 20, 1000],
      },
      {
        ...{ plans, examples, options },
        callbacks: {
          onStep: () => undefined,
          onArmFailed: () => assert.fail(),
          onBoundary: async (boundary) => {
            const { step, of, arms } = boundary;
            if (step === of) await boundary.save('/nowhere', []);
            boundaries.push(`${step}/${of} ${arms.join()}`);
            return { stop: [] };
          },
        },
      },
    );
    assert.deepEqual([...trained].sort(), [
      // Of the adapters' short steps the most that are made; of the full arm's as many as take a second.
      ['full', 7],
      ['r2', 12],
      ['r8', 12],
    ]);
    assert.deepEqual(
      outcomes.map(({ steps }) => steps),
      [40, 40, 40, 40],
    );
    assert.equal(boundaries.length, 2 * 41);
    assert.deepEqual([boundaries[0], boundaries[40]], ['0/40 r2,r8,r4', '40/40 r2,r8,r4']);
    // 40 steps of 16 examples: 2 + 8 + 4 + 40 ms each, and two checkpoints at 1 MB/s and three flushes a file.
    const checkpoints = [(4 * 3 * 70) / 1e6 + 3 * 3 * 0.01, (4 * (3 * 1000 + 70)) / 1e6 + 3 * 4 * 0.01];
    const whole = 40 * 16 * 0.054 + checkpoints[0]! + checkpoints[1]!;
    // What the trainer says that it took, it has not taken on this clock.
    const told = 12 * 4 * (0.002 + 0.008) + 7 * 4 * 0.04;
    const { seconds, diskBytes } = meter.read();
    assert.ok(Math.abs(seconds + told - whole) < 0.5, `${seconds + told} against ${whole}`);
    assert.equal(diskBytes, 3 * 4 * (3 * 1000 + 70));
  });
});

describe('estimating a sweep', () => {
  const removals: (() => void)[] = [];
  after(() => removals.forEach((remove) => remove()));

  it('rehearses the whole sweep, tells its stages, and leaves nothing behind', async () => {
    const host = fakeHost();
    const sweep = sweepFolder();
    removals.push(() => sweep.remove());
    const phases: string[] = [];
    const context = {
      emit: ({ phase }: { phase: string }) => phases.push(phase),
      signal: new AbortController().signal,
    };
    const estimate = await estimateSweep(host, { file: sweep.file }, context);
    assert.ok(estimate.seconds > 0 && estimate.seconds < 60);
    assert.ok(estimate.memoryBytes > 1e7 && estimate.availableMemoryBytes > 0);
    assert.ok(phases.includes('training') && phases.includes('evaluation'));
    assert.equal(host.open(), 0);
  });
});

describe('the space for young objects', () => {
  const room = (mebibytes: number): number =>
    youngRoom([
      { space_name: 'old_space', physical_space_size: 1 },
      { space_name: 'new_space', physical_space_size: mebibytes * 2 ** 20 },
    ]);

  it('may still grow by what it lacks of its limit, and by nothing beyond', () => {
    assert.equal(room(16), 32 * 2 ** 20);
    assert.equal(room(60), 0);
    assert.equal(youngRoom([]), 0);
  });

  it('is one that this process has', () => {
    assert.ok(getHeapSpaceStatistics().some((space) => space.space_name === 'new_space'));
  });
});

describe('what a machine has to give', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  it('is more than nothing, and no more than the machine has', async () => {
    assert.ok((await availableMemory()) > 2 ** 20);
    assert.ok((await availableDisk(join(folder.path, 'not', 'there'))) > 2 ** 20);
    await mkdir(join(folder.path, 'a'));
    await writeFile(join(folder.path, 'a', 'b'), '');
    const { bytesPerSecond, flush } = await diskSpeed(join(folder.path, 'a'));
    assert.ok(bytesPerSecond > 1e5 && flush > 0);
  });
});
