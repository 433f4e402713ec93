import { createRandom } from '../../random/random.ts';
import type { LinearModule, Parameter } from '../models/modelConfig.ts';
import { ParameterStore } from '../optimiser/parameterStore.ts';
import { adapterNames } from './trainableSlots.ts';

/** One LoRA arm: its adapters and what determines their scale. */
export interface LoraArm {
  readonly kind: 'lora';
  readonly rank: number;
  readonly alpha: number;
  readonly scaling: 'lora' | 'rslora';
  readonly dropout: number;
  readonly targets: readonly LinearModule[];
  /** Parameters trained in full beside the adapters: a classifier's head; none in a language model. */
  readonly saved?: readonly Parameter[];
  /** The adapters' matrices, and after them what is `saved`. */
  readonly store: ParameterStore;
}

/** alpha / r (LoRA, section 4.1), or alpha / sqrt(r) (rsLoRA, arXiv 2312.03732). */
export function loraScale({ alpha, rank, scaling }: Pick<LoraArm, 'alpha' | 'rank' | 'scaling'>): number {
  return scaling === 'rslora' ? alpha / Math.sqrt(rank) : alpha / rank;
}

/** Room for the adapters of every target, and for what is trained beside them, all zero. */
export function adapterStore(
  rank: number,
  targets: readonly LinearModule[],
  saved: readonly Parameter[] = [],
): ParameterStore {
  return new ParameterStore([
    ...targets.flatMap(({ name, inFeatures, outFeatures }) => [
      { name: adapterNames(name).a, shape: [rank, inFeatures] },
      { name: adapterNames(name).b, shape: [outFeatures, rank] },
    ]),
    ...saved,
  ]);
}

/**
 * A drawn as PEFT draws it, Kaiming-uniform with a = sqrt(5): uniform in +-1/sqrt(inFeatures); B stays 0, so that the
 * arm starts as the base model.
 */
export function drawAdapters(store: ParameterStore, targets: readonly LinearModule[], seed: number): void {
  targets.forEach(({ name, inFeatures }, i) => {
    const random = createRandom(seed, i);
    const bound = 1 / Math.sqrt(inFeatures);
    const a = store.tensor(adapterNames(name).a, 'value').data;
    for (let k = 0; k < a.length; k++) a[k] = (2 * random.uniform() - 1) * bound;
  });
}
