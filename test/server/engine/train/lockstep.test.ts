import assert from 'node:assert/strict';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import type { Program } from '../../../../server/engine/programs/program.ts';
import { ArmTrainer, type ArmFeeds } from '../../../../server/engine/train/armTrainer.ts';
import { BatchPlan } from '../../../../server/engine/train/batchPlan.ts';
import { trainInLockstep, type LockstepArm, type LockstepCallbacks } from '../../../../server/engine/train/lockstep.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { adapterFolder, openTiny } from '../models/tinyModel.ts';
import { ADAMW, compileTraining, oracle, scaleFeed } from './trainingOracle.ts';

const STEPS = 6;
const options = {
  ...ADAMW,
  weightDecay: 0.01,
  clip: 1,
  steps: STEPS,
  done: 0,
  schedule: { kind: 'linear', warmupSteps: 2 },
} as const;

type Trace = readonly [arm: string, step: number, learningRate: number, loss: number];

function recorder(
  changes: Partial<LockstepCallbacks> = {},
): LockstepCallbacks & { readonly trace: Trace[]; readonly failures: string[] } {
  const trace: Trace[] = [];
  const failures: string[] = [];
  return {
    trace,
    failures,
    onStep: (arm, step, rate, { loss }) => void trace.push([arm, step, rate, loss]),
    onFailed: (arm, step, { what }) => void failures.push(`${arm} at ${step}: ${what}`),
    onBoundary: () => Promise.resolve([]),
    ...changes,
  };
}

describe('trainInLockstep', () => {
  let tiny: Awaited<ReturnType<typeof openTiny>>;
  let program: Program;

  before(async () => {
    tiny = await openTiny('gpt2');
    const { targets } = await readPeftFolder(adapterFolder('gpt2', 'r2'), tiny.definition);
    program = await compileTraining(tiny, { kind: 'lora', targets, dropout: false });
  });
  after(() => program.release());

  async function openArm(name: 'r2' | 'r8', id: string = name, armFeeds?: ArmFeeds): Promise<LockstepArm> {
    const adapter = await readPeftFolder(adapterFolder('gpt2', name), tiny.definition);
    const { config } = tiny.definition;
    const trainer = new ArmTrainer({
      id,
      store: adapter.store,
      program,
      config,
      armFeeds: armFeeds ?? scaleFeed(adapter),
    });
    const plan = new BatchPlan({
      examples: oracle.examples.length,
      batchSize: 2,
      accumulation: 2,
      length: { steps: STEPS },
      shuffle: true,
      seed: name === 'r2' ? 1 : 2,
    });
    return { trainer, plan, examples: oracle.examples, learningRate: name === 'r2' ? 1e-2 : 5e-3 };
  }

  const values = ({ trainer }: LockstepArm): Float32Array[] =>
    trainer.store.names.map((name) => trainer.store.tensor(name, 'value').data.slice());

  it('gives each arm bit for bit what it has when it is trained alone', async () => {
    const together = [await openArm('r2'), await openArm('r8')];
    const shared = recorder();
    await trainInLockstep(together, options, shared);
    for (const [i, name] of (['r2', 'r8'] as const).entries()) {
      const alone = await openArm(name);
      const own = recorder();
      await trainInLockstep([alone], options, own);
      assert.deepEqual(values(together[i]!), values(alone));
      assert.deepEqual(
        shared.trace.filter(([arm]) => arm === name),
        own.trace,
      );
    }
  });

  it('advances all arms by one step before any by the next, at the rates of the schedule', async () => {
    const { trace, ...callbacks } = recorder();
    await trainInLockstep([await openArm('r2'), await openArm('r8')], options, callbacks);
    assert.deepEqual(
      trace.map(([arm, step]) => `${arm} ${step}`),
      [1, 2, 3, 4, 5, 6].flatMap((s) => [`r2 ${s}`, `r8 ${s}`]),
    );
    const rates = trace.filter(([arm]) => arm === 'r2').map(([, , rate]) => rate / 1e-2);
    assert.deepEqual(rates, [0, 0.5, 1, 0.75, 0.5, 0.25]);
  });

  it('goes on with the others when one diverges, at the weights it had before that step', async () => {
    const poisoned: ArmFeeds = ({ step }) =>
      new Map([['lora_scale', { data: Float32Array.of(step === 3 ? NaN : 2), dims: [] }]]);
    const [bad, good] = [await openArm('r8', 'bad', poisoned), await openArm('r2')];
    const callbacks = recorder();
    await trainInLockstep([bad, good], options, callbacks);
    assert.equal(callbacks.failures.length, 1);
    assert.match(callbacks.failures[0] ?? '', /^bad at 3: .*not finite/);
    const last = (arm: string): number =>
      Math.max(...callbacks.trace.filter(([id]) => id === arm).map(([, step]) => step));
    assert.deepEqual([last('bad'), last('r2')], [2, STEPS]);
    const reference = await openArm('r8');
    const stopAfterTwo = recorder({ onBoundary: (step) => Promise.resolve(step === 2 ? ['r8'] : []) });
    await trainInLockstep([reference], options, stopAfterTwo);
    assert.deepEqual(values(bad), values(reference));
  });

  it('asks at every boundary, before the first step and after the last, and stops whom it is told', async () => {
    const asked: string[] = [];
    const onBoundary = (step: number, arms: readonly string[]): Promise<readonly string[]> => {
      asked.push(`${step}: ${arms.join(' ')}`);
      return Promise.resolve(step === 2 ? ['r2'] : []);
    };
    const callbacks = recorder({ onBoundary });
    await trainInLockstep([await openArm('r2'), await openArm('r8')], options, callbacks);
    assert.deepEqual(asked, ['0: r2 r8', '1: r2 r8', '2: r2 r8', '3: r8', '4: r8', '5: r8', '6: r8']);
    assert.equal(callbacks.trace.filter(([arm]) => arm === 'r2').length, 2);
  });

  it('goes on after the steps that were done, as if it had not been interrupted', async () => {
    const whole = await openArm('r2');
    const straight = recorder();
    await trainInLockstep([whole], options, straight);
    const halved = await openArm('r2');
    const first = recorder({ onBoundary: (step) => Promise.resolve(step === 3 ? ['r2'] : []) });
    await trainInLockstep([halved], options, first);
    const second = recorder();
    await trainInLockstep([halved], { ...options, done: 3 }, second);
    assert.deepEqual([...first.trace, ...second.trace], straight.trace);
    assert.deepEqual(values(halved), values(whole));
  });

  it('ends with a cancellation at the next step', async () => {
    const control = new AbortController();
    const callbacks = recorder({
      signal: control.signal,
      onBoundary: (step) => {
        if (step === 2) control.abort();
        return Promise.resolve([]);
      },
    });
    await assert.rejects(
      trainInLockstep([await openArm('r2')], options, callbacks),
      (error) => error instanceof RankscopeError && error.code === 'cancelled',
    );
    assert.equal(callbacks.trace.length, 2);
  });

  it('hears of a cancellation between steps only, so that all arms are at the same step', async () => {
    const control = new AbortController();
    const callbacks = recorder({ signal: control.signal });
    const { onStep } = callbacks;
    const cancelling: LockstepCallbacks = {
      ...callbacks,
      onStep: (...step) => {
        onStep(...step);
        control.abort();
      },
    };
    await assert.rejects(trainInLockstep([await openArm('r2'), await openArm('r8')], options, cancelling));
    assert.deepEqual(
      callbacks.trace.map(([arm, step]) => `${arm} ${step}`),
      ['r2 1', 'r8 1'],
    );
  });

  it('lets an arm with fewer steps end before the others, by its own schedule', async () => {
    const asked: string[] = [];
    const callbacks = recorder({
      onBoundary: (step, arms) => (asked.push(`${step}: ${arms.join(' ')}`), Promise.resolve([])),
    });
    const few = new BatchPlan({
      ...{ examples: 2, batchSize: 2, accumulation: 2, shuffle: true, seed: 1 },
      length: { steps: 2 },
    });
    const r2 = { ...(await openArm('r2')), plan: few, examples: oracle.examples.slice(0, 2) };
    await trainInLockstep([r2, await openArm('r8')], options, callbacks);
    assert.deepEqual(asked.slice(0, 4), ['0: r2 r8', '1: r2 r8', '2: r2 r8', '3: r8']);
    const alone = recorder();
    await trainInLockstep(
      [{ ...(await openArm('r2')), plan: few, examples: r2.examples }],
      { ...options, steps: 2 },
      alone,
    );
    assert.deepEqual(
      callbacks.trace.filter(([arm]) => arm === 'r2'),
      alone.trace,
    );
  });

  it('passes on what is not a divergence', async () => {
    const broken = await openArm('r2', 'broken', () => new Map());
    await assert.rejects(
      trainInLockstep([broken], options, recorder()),
      (error) => error instanceof RankscopeError && error.message.includes('lora_scale'),
    );
  });
});
