import { stat } from 'node:fs/promises';
import { defineModel } from '../../engine/models/families/families.ts';
import type { ModelDefinition } from '../../engine/models/modelDefinition.ts';
import { endOfText } from '../../engine/tokenizer/endOfText.ts';
import { PromptEncoder } from '../../engine/tokenizer/promptEncoder.ts';
import { createTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import type { AskedTexts } from './engineHost.ts';

/** What turns texts into what this model reads. */
export function encoderOf(checkpoint: Checkpoint, { config }: ModelDefinition, tokenizer: Tokenizer): PromptEncoder {
  const { vocabularySize, maxPositions } = config;
  return new PromptEncoder(tokenizer, {
    vocabularySize,
    maxPositions,
    endToken: endOfText(checkpoint, tokenizer).appended,
  });
}

/** See OpenModel.check. */
export function assertReadable(encoder: PromptEncoder, { prompts, maxNewTokens, appendEos }: AskedTexts): void {
  if (appendEos) encoder.endToken();
  for (const prompt of prompts) encoder.prompt(prompt, maxNewTokens);
}

/**
 * The same for a model that is on this machine, without its weights: nothing is fetched, and a model that classifies or has
 * no tokenizer is left to whoever opens it.
 */
export async function checkTexts(reference: string, asked: AskedTexts): Promise<void> {
  const isHere = await stat(reference).then(
    () => true,
    () => false,
  );
  if (!isHere) return;
  const checkpoint = await openCheckpoint(reference);
  try {
    const definition = defineModel(checkpoint.config, checkpoint.path);
    if (definition.family.task !== 'causal-lm' || !checkpoint.tokenizer) return;
    const tokenizer = createTokenizer(checkpoint.tokenizer, checkpoint.chatTemplate);
    assertReadable(encoderOf(checkpoint, definition, tokenizer), asked);
  } finally {
    await checkpoint.tensors.close();
  }
}
