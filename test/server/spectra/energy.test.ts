import assert from 'node:assert/strict';
import { energyOf, rankOfEnergy } from '../../../server/spectra/energy.ts';

describe('the energy of a matrix', () => {
  it('is the sum of its squared singular values', () => {
    assert.equal(energyOf([3, 2, 1]), 14);
    assert.equal(energyOf([]), 0);
  });

  it('lies in as many of the largest values as it takes to hold a share of it', () => {
    // Squares 9, 4, 1 of 14: shares 0.643, 0.929, 1.
    assert.equal(rankOfEnergy([3, 2, 1], 0.6), 1);
    assert.equal(rankOfEnergy([3, 2, 1], 0.9), 2);
    assert.equal(rankOfEnergy([3, 2, 1], 0.95), 3);
    assert.equal(rankOfEnergy([3, 2, 1], 1), 3);
    assert.equal(rankOfEnergy([3, 0], 1), 1);
  });

  it('needs no rank where nothing was changed', () => {
    assert.equal(rankOfEnergy([0, 0], 0.9), 0);
  });
});
