import { loraScale, type LoraArm } from '../../engine/adapters/loraArm.ts';
import { adapterNames } from '../../engine/adapters/adapterMethod.ts';
import type { LinearModule } from '../../engine/models/modelConfig.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { LowRankProduct } from '../../spectra/factoredSvd.ts';
import type { Vector } from '../../spectra/vector.ts';

/** The change of a module by an adapter: scale B A. Throws RankscopeError('model') for weights that are not finite. */
export function lowRankChange(arm: LoraArm, { name, inFeatures, outFeatures }: LinearModule): LowRankProduct {
  const { rank, store } = arm;
  const [a, b] = [adapterNames(name).a, adapterNames(name).b].map((one) => store.tensor(one, 'value').data);
  const numbers = (length: number, read: (i: number) => number | undefined): Vector =>
    Float64Array.from({ length }, (_, i) => read(i) ?? NaN);
  const ranks = [...Array(rank).keys()];
  const product = {
    scale: loraScale(arm),
    a: ranks.map((r) => numbers(inFeatures, (i) => a?.[r * inFeatures + i])),
    b: ranks.map((r) => numbers(outFeatures, (i) => b?.[i * rank + r])),
  };
  [...product.a, ...product.b].forEach((vector) => assertFinite(vector, `${name} (adapter)`));
  return product;
}

/**
 * Throws RankscopeError('model') for an adapter with trained matrices beside A, B and the parameters that it saves
 * in full, such as DoRA's magnitudes: its change is not scale B A.
 */
export function assertPlainLora(arm: LoraArm, folder: string): void {
  const plain = new Set([
    ...arm.targets.flatMap(({ name }) => Object.values(adapterNames(name))),
    ...(arm.saved ?? []).map(({ name }) => name),
  ]);
  const beyond = arm.store.names.find((name) => !plain.has(name));
  if (beyond === undefined) return;
  throw new RankscopeError({
    code: 'model',
    where: folder,
    what: `The adapter has ${beyond} beside A and B (as DoRA's magnitudes are): what it changes is not of low rank.`,
    remedy: 'Use a LoRA or rsLoRA adapter.',
  });
}

export function assertFinite(values: Vector, where: string): void {
  if (values.every(Number.isFinite)) return;
  throw new RankscopeError({
    code: 'model',
    where,
    what: 'A weight is not a finite number.',
    remedy: 'The model or adapter is broken: train it again.',
  });
}
