import type { JsonObject } from '../weights/checkpoint.ts';
import type { GgufContents } from './ggufLayout.ts';
import { badMetadata, metadataNumber, metadataString } from '../weights/ggufMetadata.ts';

/** Metadata entries of rotary embeddings that are understood, without the architecture's name. */
export const ROPE_ENTRIES: readonly string[] = [
  ...['rope.dimension_count', 'rope.freq_base', 'rope.scaling.type', 'rope.scaling.factor'],
  ...['rope.scaling.attn_factor', 'rope.scaling.original_context_length', 'rope.scaling.finetuned'],
  // What linear scaling was called before its type was stored.
  'rope.scale_linear',
];

/**
 * `rope_scaling` of a config.json. A factor without a type is linear, as llama.cpp takes it. The scaling of Llama 3.1
 * stands in the file as ready-made divisors, and LongRoPE's as two lists of them: both are LongRoPE to Transformers, the
 * first with one list for texts of any length.
 */
export function ropeScaling(architecture: string, { metadata, factors }: GgufContents, positions: number): JsonObject {
  const entry = (name: string): number | undefined => metadataNumber(metadata, `${architecture}.rope.scaling.${name}`);
  const factor = entry('factor') ?? metadataNumber(metadata, `${architecture}.rope.scale_linear`);
  const attention = entry('attn_factor');
  const original = entry('original_context_length');
  const short = factors.get('rope_factors_short.weight');
  const [long, fixed] = [factors.get('rope_factors_long.weight'), factors.get('rope_freqs.weight')];
  const implied = short ? 'longrope' : factor === undefined || factor === 1 ? 'none' : 'linear';
  const type = metadataString(metadata, `${architecture}.rope.scaling.type`) ?? implied;
  if (type === 'longrope' && short && long) {
    const lengths = { original_max_position_embeddings: original ?? positions };
    const magnitude = attention === undefined ? {} : { attention_factor: attention };
    return { rope_scaling: { rope_type: type, short_factor: short, long_factor: long, ...lengths, ...magnitude } };
  }
  if (attention !== undefined && attention !== 1) {
    throw badMetadata(`${architecture}.rope.scaling.attn_factor`, `is ${attention}, which is known of LongRoPE alone`);
  }
  if (type !== 'none' && factors.size > 0) {
    const [name] = factors.keys();
    throw badMetadata(
      `${architecture}.rope.scaling.type`,
      `is ${type} beside the divisors of ${name}, which are not read together`,
    );
  }
  if (type !== 'none') {
    const lengths = type === 'yarn' && original !== undefined ? { original_max_position_embeddings: original } : {};
    return { rope_scaling: { rope_type: type, factor: factor ?? 1, ...lengths } };
  }
  if (!fixed) return {};
  const lists = { short_factor: fixed, long_factor: fixed };
  const lengths = { original_max_position_embeddings: positions, attention_factor: 1 };
  return { rope_scaling: { rope_type: 'longrope', ...lists, ...lengths } };
}
