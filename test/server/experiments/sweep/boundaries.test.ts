import assert from 'node:assert/strict';
import type { ErrorDetails } from '../../../../server/protocol/errors.ts';
import { atBoundaries, type BoundaryWork } from '../../../../server/experiments/sweep/boundaries.ts';

describe('atBoundaries', () => {
  /** Goes over the steps 0 to 4 of two arms; what was told to the trainer, the run and the probe, in order. */
  async function passed(
    over: Partial<BoundaryWork>,
    between: (step: number, stopped: Set<string>, cancel: () => void) => void = () => undefined,
  ): Promise<readonly string[]> {
    const told: string[] = [];
    const controller = new AbortController();
    const stopped = new Set<string>();
    const pass = atBoundaries(
      {
        checkpointEverySteps: 2,
        mark: (_, isProbed) => Promise.resolve(void told.push(isProbed ? 'mark' : 'mark: not probed')),
        probe: ({ step }) => (told.push(`probe ${step}`), Promise.resolve({})),
        ...over,
      },
      {
        control: { whilePaused: () => Promise.resolve(), stopped },
        signal: controller.signal,
        writer: {
          append: () => undefined,
          saveCheckpoint: (step, write) => (told.push(`checkpoint ${step}`), write('folder')),
        },
      },
    );
    for (let step = 0; step <= 4 && !controller.signal.aborted; step++) {
      between(step, stopped, () => controller.abort());
      const save = (_: string, ended: readonly string[] = []) =>
        Promise.resolve(void told.push(`save [${ended.join()}]`));
      const fail = (arm: string, { what }: ErrorDetails): void => void told.push(`fail ${arm}: ${what}`);
      const { stop } = await pass({ step, of: 4, arms: ['r2', 'r8'], save, fail });
      if (stop.length > 0) told.push(`stop ${stop.join()}`);
    }
    return told;
  }

  it('probes at every boundary, and keeps marked checkpoints when they are due', async () => {
    const probes = [0, 1, 2, 3, 4].map((step) => `probe ${step}`);
    const kept = (step: number) => [`checkpoint ${step}`, 'save []', 'mark'];
    assert.deepEqual(await passed({}), [...probes.slice(0, 3), ...kept(2), ...probes.slice(3), ...kept(4)]);
    assert.deepEqual(await passed({ checkpointEverySteps: 0 }), probes);
  });

  it('counts the steps of the run, and repeats nothing at the boundary that it was resumed at', async () => {
    const told = await passed({ resumed: { isProbed: true }, offset: 10 });
    assert.deepEqual(told.slice(0, 3), ['probe 1', 'probe 2', 'checkpoint 12']);
  });

  it('says of a checkpoint that a cancel came before the probe, and probes when the run goes on from it', async () => {
    const cancelledAt = (at: number, over: Partial<BoundaryWork> = {}): Promise<readonly string[]> => {
      const told: string[] = [];
      const cancels = new Set<() => void>();
      const probe: BoundaryWork['probe'] = ({ step }) => {
        told.push(`probe ${step}`);
        if (step !== at) return Promise.resolve({});
        for (const cancel of cancels) cancel();
        return Promise.reject(new Error('cancelled'));
      };
      const mark: BoundaryWork['mark'] = (_, isProbed) => Promise.resolve(void told.push(`mark ${isProbed}`));
      return passed({ probe, mark, ...over }, (_, __, cancel) => cancels.add(cancel)).then(
        () => told,
        () => told,
      );
    };
    assert.deepEqual(await cancelledAt(2), ['probe 0', 'probe 1', 'probe 2', 'mark false']);
    assert.deepEqual(await cancelledAt(3), ['probe 0', 'probe 1', 'probe 2', 'mark true', 'probe 3', 'mark false']);
    const told = await passed({ resumed: { isProbed: false } });
    assert.deepEqual(told.slice(0, 3), ['probe 0', 'probe 1', 'probe 2']);
    // Cancelled once more before the probe: the checkpoint is there already.
    assert.deepEqual(await cancelledAt(0, { resumed: { isProbed: false } }), ['probe 0']);
  });

  it('keeps a checkpoint when an arm is stopped, which a resumed run must not train on', async () => {
    const told = await passed({ probe: () => Promise.resolve({}) }, (step, stopped) => step === 1 && stopped.add('r8'));
    assert.deepEqual(told.slice(0, 4), ['checkpoint 1', 'save [r8]', 'mark', 'stop r8']);
  });

  it('takes an arm out of training whose probe was not finite, before the checkpoint that must know of it', async () => {
    const reason = { code: 'diverged', what: 'a logit is not finite' } as const;
    const probe: BoundaryWork['probe'] = ({ step }) =>
      Promise.resolve({ broken: new Map(step === 2 ? [['r8', reason]] : []) });
    const told = await passed({ probe });
    assert.deepEqual(told.slice(0, 3), ['fail r8: a logit is not finite', 'checkpoint 2', 'save []']);
    assert.equal(told.filter((line) => line.startsWith('fail')).length, 1);
  });

  it('keeps one when the run is cancelled, unless none is kept or nothing was done', async () => {
    const cancelled = (over: Partial<BoundaryWork>, at: number) =>
      passed({ probe: () => Promise.resolve({}), ...over }, (step, _, cancel) => step === at && cancel());
    assert.deepEqual(await cancelled({}, 1), ['checkpoint 1', 'save []', 'mark']);
    assert.deepEqual(await cancelled({}, 0), []);
    assert.deepEqual(await cancelled({ checkpointEverySteps: 0 }, 1), []);
  });
});
