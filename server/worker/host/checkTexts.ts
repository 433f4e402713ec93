import { stat } from 'node:fs/promises';
import { defineModel } from '../../engine/models/families/families.ts';
import type { ModelDefinition } from '../../engine/models/modelDefinition.ts';
import { endOfText } from '../../engine/tokenizer/endOfText.ts';
import { PromptEncoder, type EncodedPair } from '../../engine/tokenizer/promptEncoder.ts';
import { createTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { fitExample, labelCount, type TrainExample } from '../../engine/train/trainExample.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import type { AskedTexts, Pair } from '../../experiments/ports/modelPort.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** The encoder of prompts and pairs for this model. */
export function encoderOf(checkpoint: Checkpoint, { config }: ModelDefinition, tokenizer: Tokenizer): PromptEncoder {
  const { vocabularySize, maxPositions } = config;
  return new PromptEncoder(tokenizer, {
    vocabularySize,
    maxPositions,
    endToken: endOfText(checkpoint, tokenizer).appended,
  });
}

/** A pair cut to `maxLength`. Throws RankscopeError('data') where it has no token to learn from. */
export function exampleOf(pair: Pair, { prompt, completion }: EncodedPair, maxLength: number): TrainExample {
  const example = fitExample(prompt, completion, maxLength);
  if (labelCount(example) > 0) return example;
  throw new RankscopeError({
    code: 'data',
    what: `The pair ${JSON.stringify({ prompt: pair.prompt, completion: pair.completion }).slice(0, 80)} has no token to learn from.`,
    remedy: 'Give every pair a completion, and a prompt where the completion is a single token.',
  });
}

/** See OpenModel.check. */
export function assertReadable(
  encoder: PromptEncoder,
  { config }: ModelDefinition,
  { prompts, maxNewTokens, pairs = [], appendEos }: AskedTexts,
): void {
  if (appendEos) encoder.endToken();
  for (const prompt of prompts) encoder.prompt(prompt, maxNewTokens);
  // Scored without the token of the end: a pair that has that token alone to learn from is found as well.
  for (const pair of pairs) exampleOf(pair, encoder.pair(pair, false), config.maxPositions);
}

/**
 * The same for a model that is on this machine, without its weights: nothing is fetched, and a model that classifies or has
 * no tokenizer is left to whoever opens it.
 */
export async function checkTexts(reference: string, asked: readonly AskedTexts[]): Promise<void> {
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
    const encoder = encoderOf(checkpoint, definition, tokenizer);
    for (const texts of asked) assertReadable(encoder, definition, texts);
  } finally {
    await checkpoint.tensors.close();
  }
}
