import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { loadWeights } from '../../../../server/engine/models/modelWeights.ts';
import type { Checkpoint } from '../../../../server/engine/weights/checkpoint.ts';
import { openGguf } from '../../../../server/engine/checkpoints/openGguf.ts';
import { openHuggingFaceFolder } from '../../../../server/engine/checkpoints/openHuggingFaceFolder.ts';
import { compileLogits, folderOf, largestDifference, packedLogits, referenceOf, type Variant } from './tinyModel.ts';

/** Those that test/oracles/gguf_models.py writes, and what of their configuration a GGUF cannot say. */
const FILES: readonly (readonly [Variant, Readonly<Record<string, unknown>>])[] = [
  ['llama-rope-llama3', {}],
  ['mistral-no-window', {}],
  ['qwen2', {}],
  ['qwen3', {}],
  ['smollm3', { no_rope_layers: [1, 0] }],
  ['gemma', {}],
  ['gemma2', { query_pre_attn_scalar: 6 }],
  ['gemma3', { query_pre_attn_scalar: 6 }],
  ['phi3', {}],
  ['phi3-longrope', {}],
  ['olmo2', {}],
  ['granite', {}],
  ['gpt-neox', {}],
];

const gguf = (variant: Variant): string =>
  fileURLToPath(new URL(`../../../oracles/gguf/models/${variant}.gguf`, import.meta.url));

/** Logits of the reference's sequences by a checkpoint whose configuration is changed. */
async function logitsOf(
  checkpoint: Checkpoint,
  variant: Variant,
  changes: Readonly<Record<string, unknown>>,
): Promise<readonly Float32Array[]> {
  try {
    const definition = defineModel({ ...checkpoint.config, ...changes }, checkpoint.path);
    const program = await compileLogits(definition, await loadWeights(definition, checkpoint));
    const logits = await packedLogits(program, definition, referenceOf(variant).sequences);
    await program.release();
    return logits;
  } finally {
    await checkpoint.tensors.close();
  }
}

describe('models from GGUF', () => {
  for (const [variant, changes] of FILES) {
    it(`give the logits of the same model from safetensors: ${variant}`, async () => {
      // No-rope layers stand at every fourth in a SmolLM3 file, which the tiny model has two of.
      const own = variant === 'smollm3' ? changes : {};
      const ours = await logitsOf(await openGguf(gguf(variant)), variant, own);
      const theirs = await logitsOf(await openHuggingFaceFolder(folderOf(variant)), variant, changes);
      for (const [i, logits] of theirs.entries()) {
        const gap = largestDifference(ours[i] ?? [], logits);
        assert.ok(gap <= 2e-5, `sequence ${i}: ${gap}`);
      }
    });
  }
});
