import assert from 'node:assert/strict';
import { chooseRate, trialLengths, type RateTrial } from '../../../../server/experiments/tuning/successiveHalving.ts';

const grid = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2];

/** A trainer whose loss is least at a rate, and worse by the distance from it; what diverges has none. */
function trainer(best: number, diverges: (rate: number) => boolean = () => false) {
  const asked: [readonly number[], number][] = [];
  const tryRates = (rates: readonly number[], steps: number): Promise<readonly RateTrial[]> => {
    asked.push([rates, steps]);
    const distance = (rate: number): number => Math.abs(Math.log10(rate / best));
    return Promise.resolve(
      rates.map((learningRate) => ({
        ...{ learningRate, steps },
        ...(!diverges(learningRate) && { loss: 1 + distance(learningRate) }),
      })),
    );
  };
  return { asked, tryRates };
}

describe('trialLengths', () => {
  it('are an eighth, a quarter and a half of the training, none below ten steps or beyond its end', () => {
    assert.deepEqual(trialLengths(84), [11, 21, 42]);
    assert.deepEqual(trialLengths(800), [100, 200, 400]);
    assert.deepEqual(trialLengths(40), [10, 20]);
    assert.deepEqual(trialLengths(12), [10]);
    assert.deepEqual(trialLengths(4), [4]);
  });
});

describe('chooseRate', () => {
  it('tries all for a short while and the better half for longer', async () => {
    const { asked, tryRates } = trainer(1e-3);
    const chosen = await chooseRate(grid, [11, 21, 42], tryRates);
    assert.equal(chosen?.learningRate, 1e-3);
    assert.equal(chosen.loss, 1);
    assert.equal(chosen.edge, undefined);
    assert.deepEqual(asked, [
      [grid, 11],
      [[1e-3, 3e-3, 3e-4], 21],
      [[1e-3, 3e-3], 42],
    ]);
    // Training every rate to its end takes 5 x 84 steps.
    const steps = chosen.trials.reduce((sum, trial) => sum + trial.steps, 0);
    assert.equal(steps, 202);
    assert.ok(steps <= (5 * 84) / 2);
  });

  it('widens the grid by its own spacing where the best is at its edge, until it is not', async () => {
    const { asked, tryRates } = trainer(2e-5);
    const chosen = await chooseRate(grid, [10, 20], tryRates);
    // Beyond 1e-4, whose neighbour is 3e-4, come 3.33e-5 and 1.11e-5; the latter is worse.
    assert.deepEqual(asked.slice(2), [
      [[3.33e-5], 20],
      [[1.11e-5], 20],
    ]);
    assert.equal(chosen?.learningRate, 3.33e-5);
    assert.equal(chosen.edge, undefined);
  });

  it('says where the best is at the edge however far the grid is widened', async () => {
    const chosen = await chooseRate(grid, [10], trainer(1).tryRates);
    assert.equal(chosen?.learningRate, 0.37);
    assert.equal(chosen.edge, 'highest');
  });

  it('never chooses a rate without a finite loss, and none where all are so', async () => {
    const chosen = await chooseRate(grid, [10, 20], trainer(1e-2, (rate) => rate > 1e-3).tryRates);
    assert.equal(chosen?.learningRate, 1e-3);
    assert.equal(await chooseRate(grid, [10, 20], trainer(1e-3, () => true).tryRates), undefined);
  });

  it('takes the middle of the grid where losses are equal', async () => {
    const equal = (rates: readonly number[], steps: number) =>
      Promise.resolve(rates.map((learningRate) => ({ learningRate, steps, loss: 1 })));
    assert.equal((await chooseRate(grid, [10, 20], equal))?.learningRate, 1e-3);
  });
});
