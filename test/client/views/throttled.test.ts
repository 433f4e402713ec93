import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { throttled } from '../../../client/views/throttled.ts';
import { until } from '../../until.ts';

describe('throttled work', () => {
  it('is done at once, then once for all that came meanwhile', async () => {
    let done = 0;
    const work = throttled(() => (done += 1), 30);
    for (let i = 0; i < 10; i += 1) work.call();
    assert.equal(done, 1);
    await until(() => done === 2);
    await setTimeout(60);
    assert.equal(done, 2);
    work.call();
    // At once, unless the machine was held up and the pause after the second time is not over yet.
    await until(() => done === 3);
    work.dispose();
  });
});
