/** Labels by instruction (paper sections 3.3 and 4.2): a causal model is asked, and its answer is a label's word. */
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import { lossesOf, normalised, type LabelModel, type Prediction } from './labelModel.ts';
import type { ModelPort, Progress } from '../ports/modelPort.ts';
import type { TrainerPort } from '../ports/trainerPort.ts';

/** The part of a causal model that labelling needs. */
export type CausalModel = Pick<ModelPort, 'complete' | 'pairLosses' | 'notes'> & TrainerPort;

/**
 * Trains on pairs of instruction and ` word`, the loss on the word's tokens. A label's score is the sum of the
 * log-probabilities of its word's tokens as the answer; the scores are normalised over the labels.
 */
export function causalLabelModel(model: CausalModel, sweep: ClassificationSweep): LabelModel {
  const { data, instruction, evaluation } = sweep;
  const words = data.labels.map(({ word }) => word);
  const ask = (text: string): string => askFor(instruction, words, text);
  return {
    notes: () => model.notes ?? [],
    rules: evaluation.completions ? ['completion', 'probability'] : ['probability'],
    train: (arms, examples, options, callbacks) =>
      model.train(
        arms,
        examples.map(({ text, label }) => ({ prompt: ask(text), completion: answerOf(words[label] ?? '') })),
        options,
        callbacks,
      ),
    predict: (arms, texts, onProgress, signal) =>
      predict(model, arms, { prompts: texts.map(ask), words, evaluation }, onProgress, signal),
    labelLosses: async (arms, examples, signal) => {
      const prompts = examples.map(({ text }) => ask(text));
      const scores = await labelScores(model, arms, { prompts, words, evaluation }, signal);
      return scores.map((own) => lossesOf(own.map(normalised), examples));
    },
    saveArm: (arm, directory) => model.saveArm(arm, directory),
    forget: (arms) => arms.forEach((arm) => model.forgetArm?.(arm)),
  };
}

/** The instruction with its places filled in; a text that itself holds a place is left as it stands. */
export function askFor(instruction: string, words: readonly string[], text: string): string {
  const options = words.length === 2 ? words.join(' or ') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
  return instruction.replace(/\{(text|options)\}/g, (_, place) => (place === 'text' ? text : options));
}

/** Most tokenizers join a space to the word after it, so the space belongs to the answer, not to the question. */
function answerOf(word: string): string {
  return ` ${word}`;
}

interface Questions {
  readonly prompts: readonly string[];
  readonly words: readonly string[];
  readonly evaluation: ClassificationSweep['evaluation'];
}

/** Texts scored in one call, between which progress is told and cancellation heard. */
const slice = 32;

async function predict(
  model: CausalModel,
  arms: readonly string[],
  questions: Questions,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<readonly (readonly Prediction[])[]> {
  const { prompts } = questions;
  const found = arms.map((): Prediction[] => []);
  for (let from = 0; from < prompts.length; from += slice) {
    const some = { ...questions, prompts: prompts.slice(from, from + slice) };
    const scores = await labelScores(model, arms, some, signal);
    const answers = await ownAnswers(model, arms, some, signal);
    found.forEach((own, arm) => {
      some.prompts.forEach((_, text) => {
        const answer = answers?.[arm]?.[text];
        const logProbabilities = normalised(scores[arm]?.[text] ?? []);
        own.push({ logProbabilities, ...(answer !== undefined && { answer }) });
      });
    });
    onProgress({ done: Math.min(prompts.length, from + slice) * arms.length, total: prompts.length * arms.length });
  }
  return found;
}

/** `[arm][text][label]`: the log-likelihood of each word as the answer. */
async function labelScores(
  model: CausalModel,
  arms: readonly string[],
  { prompts, words }: Questions,
  signal: AbortSignal,
): Promise<readonly (readonly (readonly number[])[])[]> {
  const pairs = prompts.flatMap((prompt) => words.map((word) => ({ prompt, completion: answerOf(word) })));
  const losses = await model.pairLosses(arms, pairs, signal);
  return losses.map((own) =>
    prompts.map((_, text) => words.map((__, label) => -(own[text * words.length + label]?.nll ?? NaN))),
  );
}

/** `[arm][text]`: greedy answers; undefined where the sweep does not ask for any. */
async function ownAnswers(
  model: CausalModel,
  arms: readonly string[],
  { prompts, evaluation }: Questions,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[] | undefined> {
  if (!evaluation.completions) return undefined;
  const { maxNewTokens, seed } = evaluation;
  const sampling = { samples: 1, maxNewTokens, temperature: 0, topK: 0, topP: 1, seed, stop: [] };
  const completions = await model.complete(arms, prompts, sampling, undefined, signal);
  const byArm = new Map(arms.map((arm) => [arm, new Array<string>(prompts.length).fill('')]));
  for (const { arm, promptIndex, text } of completions) {
    const own = byArm.get(arm);
    if (own) own[promptIndex] = text;
  }
  return arms.map((arm) => byArm.get(arm) ?? []);
}
