import { adapterStore, drawAdapters, type LoraArm } from '../../../../server/engine/adapters/loraArm.ts';
import { targetModules, type LoraTargets } from '../../../../server/engine/adapters/loraTargets.ts';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import { groupArms, type Arm, type ArmGroup } from '../../../../server/engine/generate/armWeights.ts';
import { Scorer } from '../../../../server/engine/generate/scorer.ts';
import type { DeviceName } from '../../../../server/engine/ops/device.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { parametersOf, type ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import type { Weights } from '../../../../server/engine/models/modelWeights.ts';
import { createRandom, normal } from '../../../../server/random/random.ts';

export const VOCABULARY = 40;

/** Their config.json. */
export const CONFIGS = {
  gpt2: { model_type: 'gpt2', vocab_size: VOCABULARY, n_embd: 16, n_layer: 2, n_head: 4, n_positions: 40 },
  // Three query heads share each key-value head.
  llama: {
    model_type: 'llama',
    vocab_size: VOCABULARY,
    hidden_size: 24,
    intermediate_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 6,
    num_key_value_heads: 2,
    max_position_embeddings: 40,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: false,
  },
} as const;

export const MODELS = ['gpt2', 'llama'] as const;
export type Model = (typeof MODELS)[number];

export const definitionOf = (model: Model): ModelDefinition => defineModel(CONFIGS[model], 'test');

/** Weights large enough for peaked softmaxes, so that greedy choices are far from ties; norms around 1. */
export function drawWeights(definition: ModelDefinition, seed: number): Weights {
  const random = createRandom(seed);
  return new Map(
    parametersOf(definition).map(({ name, shape, compute }) => {
      const matrix = shape.length > 1;
      const mean = !matrix && name.endsWith('weight') ? 1 : 0;
      const spread = matrix ? 1.5 / Math.sqrt(shape.at(-1) ?? 1) : 0.2;
      const draw = (): Float32Array =>
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => mean + spread * normal(random));
      return [name, { data: compute?.() ?? draw(), dims: shape }] as const;
    }),
  );
}

/** An adapter away from its start: neither matrix is zero. */
export function drawArm(
  definition: ModelDefinition,
  rank: number,
  { seed, targets: names = 'default' }: { readonly seed: number; readonly targets?: LoraTargets },
): LoraArm {
  const targets = targetModules(definition, names);
  const store = adapterStore(rank, targets);
  drawAdapters(store, targets, seed);
  const random = createRandom(seed);
  for (const { name } of targets) {
    const b = store.tensor(adapterNames(name).b, 'value').data;
    for (let i = 0; i < b.length; i++) b[i] = 0.3 * normal(random);
  }
  return { kind: 'lora', rank, alpha: 3, scaling: rank % 3 === 0 ? 'rslora' : 'lora', dropout: 0, targets, store };
}

/** The one group that these arms form. */
export function groupOf(ids: readonly string[], arms: ReadonlyMap<string, Arm>): ArmGroup {
  const groups = groupArms(ids, arms);
  if (groups.length !== 1 || !groups[0]) throw new RangeError(`The arms form ${groups.length} groups.`);
  return groups[0];
}

export const openScorer = (model: Model, weights?: Weights, device: DeviceName = 'cpu'): Scorer => {
  const definition = definitionOf(model);
  return new Scorer(definition, weights ?? drawWeights(definition, 5), { threads: 1, device });
};

export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Array.from(a, (x, i) => Math.abs(x - (b[i] ?? NaN))).reduce((most, gap) => (gap <= most ? most : gap), 0);
}

/** Every row's logits of one sequence read by one arm of a group, [length x vocabulary]. */
export async function logitsOf(
  scorer: Scorer,
  group: ArmGroup,
  arm: number,
  ids: readonly number[],
): Promise<Float32Array> {
  const every = (sequence: readonly number[]): number[] => sequence.map((_, i) => i);
  return (await scorer.prefill(group, [{ arm, ids }], ['logits'], every)).outputs.floats('logits');
}
