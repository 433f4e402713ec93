import { stat } from 'node:fs/promises';
import { defineModel } from '../../engine/models/families/families.ts';
import type { ModelDefinition } from '../../engine/models/modelDefinition.ts';
import { endOfText } from '../../engine/tokenizer/endOfText.ts';
import { PromptEncoder } from '../../engine/tokenizer/promptEncoder.ts';
import { createTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { chatExample, fitExample, labelCount, type TrainExample } from '../../engine/train/trainExample.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import type { AskedTexts, Pair } from '../../experiments/ports/modelPort.ts';
import { assertHeld } from './boundedCompletions.ts';
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

/** How a pair is read. */
interface PairReading {
  /** Whether a completion ends with the model's token of the end; a chat ends as its template has it. */
  readonly appendEos: boolean;
  readonly maxLength: number;
}

export interface ReadPair {
  readonly example: TrainExample;
  /** Answers that do not begin where their prompt's tokens end. */
  readonly beginInside: number;
  /** Whether tokens of a chat were left out behind `maxLength`. */
  readonly isCut: boolean;
}

/** A pair in tokens, cut to `maxLength`. Throws RankscopeError('data') where it has no token to learn from. */
export function readPair(encoder: PromptEncoder, pair: Pair, { appendEos, maxLength }: PairReading): ReadPair {
  const read = pair.chat ? chatPair(encoder, pair.chat, maxLength) : plainPair(encoder, pair, { appendEos, maxLength });
  if (labelCount(read.example) > 0) return read;
  throw new RankscopeError({
    code: 'data',
    what: `The pair ${JSON.stringify({ prompt: pair.prompt, completion: pair.completion }).slice(0, 80)} has no token to learn from${read.isCut ? ` in its first ${maxLength} tokens` : ''}.`,
    remedy: read.isCut
      ? 'Raise "training.maxLength", or leave the conversation out.'
      : 'Give every pair a completion, and a prompt where the completion is a single token.',
  });
}

function plainPair(encoder: PromptEncoder, pair: Pair, { appendEos, maxLength }: PairReading): ReadPair {
  const { prompt, completion, beginsInside } = encoder.pair(pair, appendEos);
  return { example: fitExample(prompt, completion, maxLength), beginInside: Number(beginsInside), isCut: false };
}

function chatPair(encoder: PromptEncoder, { turns, answers }: NonNullable<Pair['chat']>, maxLength: number): ReadPair {
  const encoded = encoder.conversation(turns, answers);
  const example = chatExample(encoded, maxLength);
  return { example, beginInside: encoded.shiftedAnswers, isCut: encoded.isLabel.lastIndexOf(true) >= maxLength };
}

/** See OpenModel.check. */
export function assertReadable(
  encoder: PromptEncoder,
  { config }: ModelDefinition,
  { prompts, maxNewTokens, samples = 1, pairs = [], appendEos }: AskedTexts,
): void {
  if (appendEos) encoder.endToken();
  assertHeld({ arms: 1, prompts: prompts.length, samples, maxNewTokens });
  for (const prompt of prompts) encoder.prompt(prompt, maxNewTokens);
  // Scored without the token of the end: a pair that has that token alone to learn from is found as well.
  for (const pair of pairs) readPair(encoder, pair, { appendEos: false, maxLength: config.maxPositions });
}

/**
 * The same for a model that is on this machine, without its weights: nothing is fetched, and a model that classifies or has
 * no tokenizer is left to whoever opens it.
 */
export async function checkTexts(
  reference: string,
  asked: (model: { readonly hasChatTemplate: boolean }) => readonly AskedTexts[],
): Promise<void> {
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
    const hasChatTemplate = checkpoint.chatTemplate !== undefined;
    for (const texts of asked({ hasChatTemplate })) assertReadable(encoder, definition, texts);
  } finally {
    await checkpoint.tensors.close();
  }
}
