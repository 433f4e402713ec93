/** Which prompts are trained on and which are kept for the evaluation. */
import { uniquePrompts } from '../../dataset/honest.ts';
import { readPrompts, type Prompt } from '../../dataset/readPrompts.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { PromptFile, ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { createRandom, permutation } from '../../random/random.ts';

export interface PromptSplit {
  readonly training: readonly Prompt[];
  readonly heldOut: readonly Prompt[];
  /** Whether a prompt must not be trained on; spaces at its ends do not count. */
  isHeldOut(prompt: string): boolean;
  /** The sentence frame of a prompt of the files; of any other text, the text itself. */
  frameOf(prompt: string): string;
  /** The group that a prompt of the files is about; undefined for none, and for any other text. */
  groupOf(prompt: string): string | undefined;
}

/** Throws RankscopeError('data') when either side would be empty. */
export async function splitPrompts({
  prompts,
  heldOut,
}: Pick<ToxicitySweep['data'], 'prompts' | 'heldOut'>): Promise<PromptSplit> {
  const all = await readAll(prompts);
  if ('file' in heldOut) {
    const other = await readAll(heldOut);
    return apart({ sample: limited(all, prompts), heldOut: limited(other, heldOut), all: [...all, ...other] }, heldOut);
  }
  const sample = limited(all, prompts);
  const frames = heldOutFrames(sample, heldOut);
  const isKept = ({ frame }: Prompt): boolean => frames.has(frame);
  // Prompts of these frames beyond the limit are not evaluated on, but training on them would leak the sentence.
  const alsoKept = all.filter(isKept);
  return apart({ sample, heldOut: sample.filter(isKept), alsoKept, all }, prompts);
}

interface Apart {
  readonly sample: readonly Prompt[];
  readonly heldOut: readonly Prompt[];
  readonly alsoKept?: readonly Prompt[];
  readonly all: readonly Prompt[];
}

function apart({ sample, heldOut, alsoKept = [], all }: Apart, { file }: { readonly file: string }): PromptSplit {
  const kept = new Set([...heldOut, ...alsoKept].map(({ prompt }) => prompt.trim()));
  const frames = new Map(all.map(({ prompt, frame }) => [prompt.trim(), frame]));
  const groups = new Map(all.map(({ prompt, group }) => [prompt.trim(), group]));
  const training = sample.filter(({ prompt }) => !kept.has(prompt.trim()));
  if (training.length > 0) {
    return {
      training,
      heldOut,
      isHeldOut: (prompt) => kept.has(prompt.trim()),
      frameOf: (prompt) => frames.get(prompt.trim()) ?? prompt.trim(),
      groupOf: (prompt) => groups.get(prompt.trim()),
    };
  }
  throw new RankscopeError({
    code: 'data',
    what: 'every prompt is held out, and none is left to train on',
    where: file,
    remedy: 'Hold out fewer prompts, or give other ones.',
  });
}

/** Prompts of all the files, each once. */
async function readAll({ file, more = [], format, races, columns }: PromptFile): Promise<readonly Prompt[]> {
  const prompts: Prompt[] = [];
  for (const each of [file, ...more]) {
    prompts.push(...(await readPrompts(each, format === 'auto' ? undefined : format, races, columns)));
  }
  return uniquePrompts(prompts);
}

/** The first `limit` prompts, or that many at random but in the file's order. */
export function limited(
  prompts: readonly Prompt[],
  { limit, sampleSeed }: Pick<PromptFile, 'limit' | 'sampleSeed'>,
): readonly Prompt[] {
  if (limit === undefined || limit >= prompts.length) return prompts;
  if (sampleSeed === undefined) return prompts.slice(0, limit);
  const drawn = new Set(permutation(createRandom(sampleSeed), prompts.length).slice(0, limit));
  return prompts.filter((_, index) => drawn.has(index));
}

/** A share of the sentence frames, at least one and never all. */
function heldOutFrames(
  prompts: readonly Prompt[],
  share: { readonly fraction: number; readonly seed: number },
): ReadonlySet<string> {
  const frames = drawFrames(
    prompts.map(({ frame }) => frame),
    share,
  );
  if (frames.size > 0) return frames;
  throw new RankscopeError({
    code: 'data',
    what: 'all prompts come from one sentence, so no share of the sentences can be held out',
    remedy: 'Give more prompts, or a file of held-out prompts (data.heldOut.file).',
  });
}

/** A share of the distinct frames, drawn by its seed: at least one and never all, so none of a single one. */
export function drawFrames(
  all: readonly string[],
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): ReadonlySet<string> {
  const frames = [...new Set(all)];
  const count = Math.min(frames.length - 1, Math.max(1, Math.round(fraction * frames.length)));
  const drawn = permutation(createRandom(seed), frames.length).slice(0, Math.max(0, count));
  return new Set(drawn.map((index) => frames[index] ?? ''));
}
