import assert from 'node:assert/strict';
import { resolveSweep } from '../../../../server/experiments/resolveSweep.ts';
import { sweepFolder } from '../sweepFolder.ts';

describe('the arms of a screen', () => {
  async function resolved(arms: object) {
    const folder = sweepFolder({ arms: { learningRate: 5e-5, ...arms } });
    try {
      return await resolveSweep(folder.file);
    } finally {
      folder.remove();
    }
  }

  it('are cut from the highest rank to the others, of every seed its own', async () => {
    const { arms, cuts } = await resolved({ ranks: [2, 8, 4], seeds: [0, 1], screen: true });
    assert.deepEqual(cuts, [
      { id: 'r8-s0-cut4', from: 'r8-s0', rank: 4, seed: 0 },
      { id: 'r8-s0-cut2', from: 'r8-s0', rank: 2, seed: 0 },
      { id: 'r8-s1-cut4', from: 'r8-s1', rank: 4, seed: 1 },
      { id: 'r8-s1-cut2', from: 'r8-s1', rank: 2, seed: 1 },
    ]);
    assert.equal(arms.length, 8, 'every rank is trained, too');
  });

  it('are cut to the ranks that are named, which need not be trained', async () => {
    const { arms, cuts } = await resolved({ ranks: [64], screen: [2, 8] });
    assert.deepEqual(
      [arms.map(({ id }) => id), cuts.map(({ id }) => id)],
      [
        ['r64', 'full'],
        ['r64-cut8', 'r64-cut2'],
      ],
    );
  });

  it('are none unless the sweep asks, and are refused where nothing is lower', async () => {
    assert.deepEqual((await resolved({ ranks: [2, 8] })).cuts, []);
    await assert.rejects(resolved({ ranks: [8], screen: true }), /there is no lower rank to cut the highest one to/);
    await assert.rejects(
      resolved({ ranks: [8], screen: [4, 8] }),
      /rank 8 is not below the highest rank that is trained, 8/,
    );
  });

  it('are refused of DoRA when the sweep file is read', async () => {
    await assert.rejects(
      resolved({ ranks: [2, 8], method: 'dora', screen: true }),
      /an adapter of DoRA cannot be cut to a lower rank/,
    );
  });
});
