import type { LlmAnswer } from '../../judges/models/llm.ts';
import { tuluPrompt } from '../../judges/models/llm.ts';
import type { ModelPrompt } from '../../experiments/ports/modelPort.ts';
import type { OpenModel } from '../host/engineHost.ts';

/** Models are asked as they stand, without any adapter. */
const arms = ['base'];

/**
 * The answers of an opened causal model to user messages: the probability of every token that spells yes or no as
 * the answer's first token, and the beginning of its greedy answer (`explainTokens` tokens; 0 leaves it out).
 */
export async function askModel(
  model: OpenModel,
  answerTokens: readonly number[],
  messages: readonly string[],
  { explainTokens, signal }: { readonly explainTokens: number; readonly signal?: AbortSignal | undefined },
): Promise<readonly LlmAnswer[]> {
  const prompts = messages.map((message) => askedPrompt(model, message));
  const first: LlmAnswer['first'][] = prompts.map(() => []);
  await model.nextTokenLogProbabilities(
    arms,
    prompts,
    (index, [row]) => {
      first[index] = answerTokens.map((id) => ({
        text: model.tokens.decode([id]),
        probability: Math.exp(row?.[id] ?? -Infinity),
      }));
    },
    signal,
  );
  const texts = explainTokens === 0 ? [] : await explanations(model, prompts, explainTokens, signal);
  return prompts.map((_, i) => ({ first: first[i] ?? [], text: texts[i] ?? '' }));
}

/** A message as the model is asked it: as a chat, or without a chat template in the paper's own syntax. */
export function askedPrompt(model: Pick<OpenModel, 'chatPrompt'>, message: string): ModelPrompt {
  const prompt = model.chatPrompt(message);
  return typeof prompt === 'string' ? tuluPrompt(message) : prompt;
}

async function explanations(
  model: OpenModel,
  prompts: readonly ModelPrompt[],
  maxNewTokens: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const greedy = { samples: 1, maxNewTokens, temperature: 0, topK: 0, topP: 1, seed: 0, stop: [] };
  const answers = await model.complete(arms, prompts, greedy, undefined, signal);
  const texts = prompts.map(() => '');
  for (const { promptIndex, text } of answers) texts[promptIndex] = text;
  return texts;
}

/** Every token of a vocabulary that spells yes or no, in any case and with any punctuation around it. */
export function yesNoTokens({ tokens }: Pick<OpenModel, 'tokens'>): readonly number[] {
  const found: number[] = [];
  for (let id = 0; id < tokens.vocabularySize; id++) {
    const spelled = tokens.tokenText(id);
    // Decoding the whole vocabulary would take seconds. The spelling already excludes most tokens.
    if (spelled === undefined || !/yes|no/i.test(spelled)) continue;
    const word = tokens
      .decode([id])
      .replace(/[^\p{L}]/gu, '')
      .toLowerCase();
    if (word === 'yes' || word === 'no') found.push(id);
  }
  return found;
}
