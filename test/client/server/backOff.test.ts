import assert from 'node:assert/strict';
import { backOff } from '../../../client/server/backOff.ts';

describe('starting a server again', () => {
  it('waits twice as long after each death, up to a limit', () => {
    const patience = backOff({ firstMilliseconds: 100, mostMilliseconds: 350, mostDeaths: 10 });
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => patience.died(at)),
      [100, 200, 350, 350],
    );
  });

  it('gives up after so many deaths in a row, until somebody asks for it', () => {
    const patience = backOff({ mostDeaths: 3 });
    assert.deepEqual(
      [0, 1, 2].map((at) => patience.died(at) === undefined),
      [false, false, true],
    );
    patience.reset();
    assert.equal(patience.died(3), 500);
  });

  it('forgets deaths of long ago', () => {
    const patience = backOff({ mostDeaths: 2, withinMilliseconds: 1000 });
    assert.equal(patience.died(0), 500);
    assert.equal(patience.died(5000), 500);
  });
});
