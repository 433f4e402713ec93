/** Reduces the rank of an adapter: finds the best approximation of its change in each module. */
import { adapterStore, type LoraArm } from '../../engine/adapters/loraArm.ts';
import { adapterNames } from '../../engine/adapters/adapterMethod.ts';
import type { LinearModule } from '../../engine/models/modelConfig.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { energyOf } from '../../spectra/energy.ts';
import { factoredSvd, truncate, type LowRankProduct } from '../../spectra/factoredSvd.ts';
import { lowRankChange } from './lowRankChange.ts';

/** The energy of a module's change (its squared Frobenius norm), and how much of it is lost. */
export interface Loss {
  readonly module: string;
  readonly energy: number;
  readonly lost: number;
}

/** The arm at a lower rank, and the loss in each of its modules. */
export function shrinkArm(arm: LoraArm, rank: number): { readonly shrunk: LoraArm; readonly losses: readonly Loss[] } {
  const { targets, saved = [] } = arm;
  const store = adapterStore(rank, targets, saved);
  const shrunk: LoraArm = { ...arm, rank, alpha: rank, scaling: 'lora', uneven: false, store };
  const losses = targets.map((module) => {
    const svd = factoredSvd(lowRankChange(arm, module));
    fill(shrunk, module, truncate(svd, rank));
    return { module: module.name, energy: energyOf(svd.values), lost: energyOf(svd.values.slice(rank)) };
  });
  for (const { name } of saved) store.tensor(name, 'value').data.set(arm.store.tensor(name, 'value').data);
  return { shrunk, losses };
}

function fill({ store, rank }: LoraArm, { name, inFeatures }: LinearModule, { a, b }: LowRankProduct): void {
  const names = adapterNames(name);
  const [intoA, intoB] = [store.tensor(names.a, 'value').data, store.tensor(names.b, 'value').data];
  a.forEach((row, r) => intoA.set(row, r * inFeatures));
  b.forEach((column, r) => column.forEach((value, out) => (intoB[out * rank + r] = value)));
}

/** Throws RankscopeError('usage') where a rank is not below the adapter's own. */
export function assertBelow(rank: number, own: number, where: string): void {
  if (rank < own) return;
  throw new RankscopeError({
    code: 'usage',
    where,
    what: `The adapter has rank ${own} and cannot be shrunk to rank ${rank}.`,
    remedy: own > 1 ? `Give a rank from 1 to ${own - 1}.` : 'An adapter of rank 1 cannot be shrunk.',
  });
}
