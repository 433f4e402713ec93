import assert from 'node:assert/strict';
import { join } from 'node:path';
import { defineModel } from '../../../server/engine/models/families/families.ts';
import type { ModelDefinition } from '../../../server/engine/models/modelDefinition.ts';
import { loadWeights, type Weights } from '../../../server/engine/models/modelWeights.ts';
import { createTokenizer, type Tokenizer } from '../../../server/engine/tokenizer/tokenizer.ts';
import { openCheckpoint } from '../../../server/engine/checkpoints/openCheckpoint.ts';

export const shared = process.env.RANKSCOPE_SHARED ?? join(import.meta.dirname, '../../../../shared');
export const oracles = join(import.meta.dirname, '../../oracles');

/**
 * Python with torch, transformers and peft, where there is one: the oracles' numbers are then made anew on this machine
 * instead of read from test/oracles/smollm2.
 */
export const python = process.env.RANKSCOPE_PYTHON;

export interface RealModel {
  readonly definition: ModelDefinition;
  readonly weights: Weights;
  readonly tokenizer: Tokenizer | undefined;
}

/** Path of SmolLM2's GGUF; fails with what to set. */
export function smollm2(): string {
  const path = process.env.RANKSCOPE_SMOLLM2;
  assert.ok(path, 'set RANKSCOPE_SMOLLM2 to the path of SmolLM2-135M-Instruct.Q4_1.gguf');
  return path;
}

export async function openReal(path: string): Promise<RealModel> {
  const checkpoint = await openCheckpoint(path);
  try {
    const definition = defineModel(checkpoint.config, checkpoint.path);
    const tokenizer = checkpoint.tokenizer ? createTokenizer(checkpoint.tokenizer, checkpoint.chatTemplate) : undefined;
    return { definition, weights: await loadWeights(definition, checkpoint), tokenizer };
  } finally {
    await checkpoint.tensors.close();
  }
}
