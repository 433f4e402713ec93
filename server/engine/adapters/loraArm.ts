import { createRandom } from '../../random/random.ts';
import { adapterScale, type AdapterMethodName, type AdapterScaling } from '../../protocol/sweep/adapterMethod.ts';
import type { LinearModule, Parameter } from '../models/modelConfig.ts';
import { ParameterStore } from '../optimiser/parameterStore.ts';
import { adapterNames, type AdapterMethod, type ModuleAdapter, type WeightReader } from './adapterMethod.ts';
import { adapterMethods } from './adapterMethods.ts';
import { lora } from './lora.ts';

/** One arm of low rank, LoRA or a further method: its adapters and what determines their scale. */
export interface LoraArm {
  readonly kind: 'lora';
  /** LoRA unless given. */
  readonly method?: AdapterMethodName;
  readonly rank: number;
  readonly alpha: number;
  readonly scaling: AdapterScaling;
  readonly dropout: number;
  /** Whether the folder that it was read from gives modules ranks or alphas of their own. */
  readonly uneven?: boolean;
  readonly targets: readonly LinearModule[];
  /** Parameters that the arm has of its own beside the adapters: a classifier's head, or what a PEFT folder saves. */
  readonly saved?: readonly Parameter[];
  /** The adapters' parameters, and after them what is `saved`. */
  readonly store: ParameterStore;
}

/** The variant of a method; LoRA where none is named. */
export const methodOf = ({ method = 'lora' }: { readonly method?: AdapterMethodName | undefined }): AdapterMethod =>
  adapterMethods[method];

/** The arm's adapter on one of its targets. */
export function adapterOn(arm: LoraArm, module: LinearModule): ModuleAdapter {
  return { module, rank: arm.rank, scale: loraScale(arm), store: arm.store };
}

/** The factor of B A, by the rule that the arm names. */
export function loraScale(arm: Pick<LoraArm, 'alpha' | 'rank' | 'scaling'>): number {
  return adapterScale(arm);
}

/** What an arm keeps of one module: A [rank, inFeatures], B [outFeatures, rank], and what the method adds. */
function adapterParameters(rank: number, module: LinearModule, method: AdapterMethod): readonly Parameter[] {
  const { a, b } = adapterNames(module.name);
  return [
    { name: a, shape: [rank, module.inFeatures] },
    { name: b, shape: [module.outFeatures, rank] },
    ...method.furtherParameters(module),
  ];
}

/** Number of trained scalars of the adapters on the targets. */
export function adapterSize(rank: number, targets: readonly LinearModule[], method: AdapterMethod = lora): number {
  return targets
    .flatMap((module) => adapterParameters(rank, module, method))
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** What arms of low rank that train side by side take beside the base. */
export interface AdapterArms {
  readonly ranks: readonly number[];
  readonly targets: readonly LinearModule[];
  readonly method: AdapterMethod;
}

/** Parameters, gradients and AdamW's two moments of every arm, and what the method's step of so many tokens adds, bytes. */
export function adapterBytes({ ranks, targets, method }: AdapterArms, tokens: number): number {
  const stored = ranks.reduce((sum, rank) => sum + 16 * adapterSize(rank, targets, method), 0);
  return stored + method.stepBytes(targets, tokens);
}

/** Room for the adapters of every target, and for what is trained beside them, all zero. */
export function adapterStore(
  rank: number,
  targets: readonly LinearModule[],
  saved: readonly Parameter[] = [],
  method: AdapterMethod = lora,
): ParameterStore {
  return new ParameterStore([...targets.flatMap((module) => adapterParameters(rank, module, method)), ...saved]);
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

/** Gives the method's further parameters the values with which they begin, from the base model's weights. */
export async function startFurther(
  store: ParameterStore,
  targets: readonly LinearModule[],
  method: AdapterMethod,
  weights: WeightReader,
): Promise<void> {
  for (const module of targets) {
    const further = method.furtherParameters(module);
    if (further.length === 0) continue;
    const weight = new Float32Array(module.inFeatures * module.outFeatures);
    await weights.readInto(`${module.name}.weight`, weight);
    const values = method.start(module, weight);
    further.forEach(({ name }, i) => store.tensor(name, 'value').data.set(values[i] ?? []));
  }
}
