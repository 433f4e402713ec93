/** Which prompts are trained on, tuned on and certified by: `prompts.jsonl`, and what arms are probed on. */
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { StoredPrompt } from '../../protocol/run/run.ts';
import type { ProbedOn } from './armProbe.ts';
import type { Pair } from '../ports/modelPort.ts';
import { spread, type PairSplit } from '../data/pairSplit.ts';
import type { PromptSplit } from '../data/promptSplit.ts';

export { isStoredPrompt as isSplitLine } from '../../protocol/run/runChecks.ts';

type Prompts = Pick<PromptSplit, 'training' | 'heldOut' | 'frameOf' | 'groupOf'>;

/**
 * A line a prompt: the held-out ones first, whose `promptIndex` is that of completions and verdicts, then those of the tune
 * pairs, then the others. `promptIndex` counts within a part.
 */
export function splitLines(prompts: Prompts, { tune }: Pick<PairSplit, 'tune'>): readonly StoredPrompt[] {
  const tuned = tunePrompts(tune);
  const isTuned = new Set(tuned.map((prompt) => prompt.trim()));
  const known = new Map([...prompts.training, ...prompts.heldOut].map((line) => [line.prompt.trim(), line]));
  const trained = prompts.training.filter(({ prompt }) => !isTuned.has(prompt.trim()));
  return [
    ...prompts.heldOut.map((line, promptIndex) => ({ promptIndex, ...line, split: 'certify' as const })),
    ...tuned.map((prompt, promptIndex) => {
      const { template = prompt, group } = known.get(prompt.trim()) ?? {};
      const frame = prompts.frameOf(prompt);
      return { promptIndex, prompt, template, frame, ...(group !== undefined && { group }), split: 'tune' as const };
    }),
    ...trained.map((line, promptIndex) => ({ promptIndex, ...line, split: 'train' as const })),
  ];
}

/**
 * Prompts and pairs that arms are probed on while they train: those of the tune split, or, where there is none, prompts
 * that are trained on. No result is read from either.
 */
export function probedOn(
  { evaluation }: Pick<ToxicitySweep, 'evaluation'>,
  prompts: Prompts,
  { tune }: Pick<PairSplit, 'tune'>,
): Omit<ProbedOn, 'neutral'> {
  const texts = tune.length > 0 ? tunePrompts(tune) : prompts.training.map(({ prompt }) => prompt);
  const chosen = spread(texts, evaluation.prompts);
  return {
    prompts: chosen.map((prompt) => {
      const group = prompts.groupOf(prompt);
      return { prompt, frame: prompts.frameOf(prompt), ...(group !== undefined && { group }) };
    }),
    pairs: tune,
  };
}

function tunePrompts(pairs: readonly Pair[]): readonly string[] {
  return [...new Set(pairs.map(({ prompt }) => prompt))];
}
