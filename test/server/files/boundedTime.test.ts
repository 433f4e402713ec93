import assert from 'node:assert/strict';
import { WorkWithoutEnd, withinTime } from '../../../server/files/boundedTime.ts';

/** Takes 2^200 steps on what `hostile` is. */
const pattern = /^(a+)+$/;
const hostile = `${'a'.repeat(200)}b`;

describe('withinTime', () => {
  it('gives what the work gives and throws what it throws', () => {
    assert.equal(
      withinTime(() => 7),
      7,
    );
    const fault = new TypeError('x');
    assert.throws(
      () =>
        withinTime(() => {
          throw fault;
        }),
      (error) => error === fault,
    );
  });

  it('ends a pattern that backtracks for ages and a loop, and works again afterwards', () => {
    assert.throws(() => withinTime(() => pattern.test(hostile), 50), WorkWithoutEnd);
    const loop = (): never => {
      for (;;);
    };
    assert.throws(() => withinTime(loop, 50), WorkWithoutEnd);
    assert.equal(
      withinTime(() => pattern.test('aa')),
      true,
    );
  });

  it('bounds work within work by the nearer bound', () => {
    const inner = (): string => {
      try {
        return String(withinTime(() => pattern.test(hostile), 50));
      } catch (error) {
        return error instanceof WorkWithoutEnd ? 'ended' : 'failed';
      }
    };
    assert.equal(withinTime(inner), 'ended');
  });
});
