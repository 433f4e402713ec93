import assert from 'node:assert/strict';
import { createRandom, xoshiro128 } from '../../../server/random/random.ts';

describe('random', () => {
  it("gives the numbers of the authors' C program for the state 1, 2, 3, 4", () => {
    const random = xoshiro128([1, 2, 3, 4]);
    const drawn = Array.from({ length: 8 }, () => random.next());
    assert.deepEqual(drawn, [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849]);
  });

  it('repeats itself for a seed and differs for another', () => {
    const draw = (seed: number) => ((random) => Array.from({ length: 5 }, () => random.next()))(createRandom(seed));
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  it('draws every number below a bound about equally often', () => {
    const random = createRandom(1);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70000; i++) counts[random.below(7)]! += 1;
    for (const count of counts) assert.ok(Math.abs(count - 10000) < 400, `${count}`);
  });
});
