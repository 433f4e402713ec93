import assert from 'node:assert/strict';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { assertRoom, runBytes } from '../../../../server/worker/sweep/diskNeeded.ts';

const arm = (method: 'base' | 'lora' | 'full', trainableParameters: number) => ({ method, trainableParameters });
const arms = [arm('base', 0), arm('lora', 10), arm('lora', 20), arm('full', 1000), arm('full', 1000)];

describe('the disk that a run needs', () => {
  it('is its weights alone where no checkpoint is kept', () => {
    assert.equal(runBytes(arms, { checkpointEverySteps: 0 }), 4 * 2030);
  });

  it('is three checkpoints more, each with the moments of the largest group in training', () => {
    assert.equal(runBytes(arms, { checkpointEverySteps: 5 }), 4 * 2030 + 3 * (4 * 2030 + 8 * 1000));
    assert.equal(runBytes(arms.slice(0, 3), { checkpointEverySteps: 5 }), 4 * 30 + 3 * (12 * 30));
  });

  it('is refused by name where the disk has less', async () => {
    const free = (): Promise<number> => Promise.resolve(5 * 2 ** 20);
    await assertRoom('/runs/a', 5 * 2 ** 20, free);
    await assert.rejects(
      assertRoom('/runs/a', 5 * 2 ** 20 + 1, free),
      (error) =>
        error instanceof RankscopeError && error.code === 'disk' && /6 MiB .* has 5 MiB left/.test(error.message),
    );
    await assertRoom('/not/there/yet', 1);
  });
});
