import assert from 'node:assert/strict';
import { assertHeld, rowsThatFit } from '../../../../server/worker/host/boundedCompletions.ts';

const gib = 2 ** 30;

describe('completions', () => {
  it('are refused with the numbers where they do not fit into a quarter of the memory', () => {
    // 1,048,576 completions of 400 + 16 * 39 bytes are a gibibyte.
    const asked = { arms: 4, prompts: 256, samples: 1024, maxNewTokens: 39 };
    assertHeld(asked, 4 * gib);
    const message = /1048576 completions of up to 39 tokens.*take up to 1\.00 GiB, and 0\.999 GiB/;
    assert.throws(() => assertHeld(asked, 4 * gib * 0.999), { code: 'memory', message });
    assert.throws(() => assertHeld({ ...asked, samples: 1e15 }, 1e6 * gib), { code: 'memory' });
  });

  it('are decoded in fewer rows where their keys and values are large, and refused where there is no room for one', () => {
    // 2^20 bytes a position: 4 bytes, keys and values, 16 layers of 64 heads of 128.
    const config = { layers: 16, keyValueHeads: 64, headSize: 128 } as Parameters<typeof rowsThatFit>[0];
    const fit = (positions: number) => rowsThatFit(config, { most: 128, arms: 2, positions }, 4 * gib);
    assert.deepEqual([fit(4), fit(8), fit(16), fit(512)], [128, 128, 64, 2]);
    const message = /goes on to 513 positions .* 0\.501 GiB, and 1\.00 GiB .* of 2 arms/;
    assert.throws(() => fit(513), { code: 'memory', message });
  });
});
