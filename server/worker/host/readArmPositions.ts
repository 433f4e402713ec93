/** Computes the distributions of arms at every position of continued prompts. */
import { readPositions } from '../../engine/generate/positions.ts';
import type { ContinuedPrompt, TextPlace } from '../../experiments/ports/distributionPort.ts';
import type { ModelPrompt } from '../../experiments/ports/modelPort.ts';
import { yieldUnlessCancelled, type LensModel } from './readArmLens.ts';

/**
 * See experiments/ports/distributionPort.ts. `encode` returns a prompt's ids. A text beyond the model's positions
 * is truncated.
 */
export async function readArmPositions(
  { scorer, arms: known }: Pick<LensModel, 'scorer' | 'arms'>,
  encode: (prompt: ModelPrompt) => readonly number[],
  arms: readonly string[],
  texts: readonly ContinuedPrompt[],
  visit: (place: TextPlace, rows: readonly Float32Array[]) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { maxPositions } = scorer.definition.config;
  const prompts = texts.map(({ prompt }) => encode(prompt));
  const ids = prompts.map((prompt, i) => {
    // The last token of a continuation is left out, since the distribution after it is not part of the text.
    return [...prompt, ...(texts[i]?.continuation.slice(0, -1) ?? [])].slice(0, maxPositions);
  });
  await readPositions(
    scorer,
    await scorer.groups(arms, known),
    { arms, texts: ids },
    (text, position, rows) => visit({ text, position, promptTokens: prompts[text]?.length ?? 0 }, rows),
    () => yieldUnlessCancelled(signal),
  );
}
