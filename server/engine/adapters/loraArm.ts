import { createRandom } from '../../random/random.ts';
import type { LinearModule, Parameter } from '../models/modelConfig.ts';
import { ParameterStore } from '../optimiser/parameterStore.ts';
import { adapterNames, type AdapterMethod, type ModuleAdapter, type WeightReader } from './adapterMethod.ts';
import { adapterMethods, type AdapterMethodName } from './adapterMethods.ts';
import { lora } from './lora.ts';

/** One LoRA arm: its adapters and what determines their scale. */
export interface LoraArm {
  readonly kind: 'lora';
  /** LoRA unless given. */
  readonly method?: AdapterMethodName;
  readonly rank: number;
  readonly alpha: number;
  readonly scaling: 'lora' | 'rslora';
  readonly dropout: number;
  /** Whether the folder that it was read from gives modules ranks or alphas of their own. */
  readonly uneven?: boolean;
  readonly targets: readonly LinearModule[];
  /** Parameters that the arm has of its own beside the adapters: a classifier's head, or what a PEFT folder saves. */
  readonly saved?: readonly Parameter[];
  /** The adapters' matrices, and after them what is `saved`. */
  readonly store: ParameterStore;
  /** What the method computes from the base model's weights (AdapterMethod.measure), by module; absent where nothing. */
  readonly measured?: ReadonlyMap<string, readonly Float32Array[]>;
}

export const methodOf = ({ method = 'lora' }: Pick<LoraArm, 'method'>): AdapterMethod => adapterMethods[method];

/** The arm's adapter on one of its targets. */
export function adapterOn(arm: LoraArm, module: LinearModule): ModuleAdapter {
  return { module, rank: arm.rank, scale: loraScale(arm), store: arm.store };
}

/** The arm with what its method needs of the base model's weights. */
export async function measured(arm: LoraArm, weights: WeightReader): Promise<LoraArm> {
  const method = methodOf(arm);
  if (method.columns.length === 0) return arm;
  const values = new Map<string, readonly Float32Array[]>();
  for (const module of arm.targets) {
    const weight = new Float32Array(module.inFeatures * module.outFeatures);
    await weights.readInto(`${module.name}.weight`, weight);
    values.set(module.name, method.measure(adapterOn(arm, module), weight));
  }
  return { ...arm, measured: values };
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
  method: AdapterMethod = lora,
): ParameterStore {
  return new ParameterStore([
    ...targets.flatMap((module) => [
      { name: adapterNames(module.name).a, shape: [rank, module.inFeatures] },
      { name: adapterNames(module.name).b, shape: [module.outFeatures, rank] },
      ...method.furtherParameters(module),
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
