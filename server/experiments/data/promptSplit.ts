/** Which prompts are trained on and which are kept for the evaluation. */
import { uniquePrompts } from '../../dataset/honest.ts';
import { readPrompts, type Prompt } from '../../dataset/readPrompts.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { PromptFile, Sweep } from '../../protocol/sweepFile.ts';
import { createRandom, permutation } from '../../random/random.ts';

export interface PromptSplit {
  readonly training: readonly Prompt[];
  readonly heldOut: readonly Prompt[];
  /** Whether a prompt must not be trained on; spaces at its ends do not count. */
  isHeldOut(prompt: string): boolean;
}

/** Throws RankscopeError('data') when either side would be empty. */
export async function splitPrompts({
  prompts,
  heldOut,
}: Pick<Sweep['data'], 'prompts' | 'heldOut'>): Promise<PromptSplit> {
  const all = await readAll(prompts);
  if ('file' in heldOut)
    return apart(limited(all, prompts), limited(await readAll(heldOut), heldOut), [], heldOut.file);
  const sample = limited(all, prompts);
  const templates = heldOutTemplates(sample, heldOut);
  const isKept = ({ template }: Prompt): boolean => templates.has(template);
  // Prompts of these templates beyond the limit are not evaluated on, but training on them would leak the template.
  return apart(sample, sample.filter(isKept), all.filter(isKept), prompts.file);
}

function apart(
  sample: readonly Prompt[],
  heldOut: readonly Prompt[],
  alsoKept: readonly Prompt[],
  file: string,
): PromptSplit {
  const kept = new Set([...heldOut, ...alsoKept].map(({ prompt }) => prompt.trim()));
  const training = sample.filter(({ prompt }) => !kept.has(prompt.trim()));
  if (training.length > 0) return { training, heldOut, isHeldOut: (prompt) => kept.has(prompt.trim()) };
  throw new RankscopeError({
    code: 'data',
    what: 'every prompt is held out, and none is left to train on',
    where: file,
    remedy: 'Hold out fewer prompts, or give other ones.',
  });
}

/** Prompts of all the files, each once. */
async function readAll({ file, more = [], format, races }: PromptFile): Promise<readonly Prompt[]> {
  const prompts: Prompt[] = [];
  for (const each of [file, ...more]) {
    prompts.push(...(await readPrompts(each, format === 'auto' ? undefined : format, races)));
  }
  return uniquePrompts(prompts);
}

/** The first `limit` prompts, or that many at random but in the file's order. */
function limited(prompts: readonly Prompt[], { limit, sampleSeed }: PromptFile): readonly Prompt[] {
  if (limit === undefined || limit >= prompts.length) return prompts;
  if (sampleSeed === undefined) return prompts.slice(0, limit);
  const drawn = new Set(permutation(createRandom(sampleSeed), prompts.length).slice(0, limit));
  return prompts.filter((_, index) => drawn.has(index));
}

/** A share of the templates, at least one and never all. */
function heldOutTemplates(
  prompts: readonly Prompt[],
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): ReadonlySet<string> {
  const templates = [...new Set(prompts.map(({ template }) => template))];
  const count = Math.min(templates.length - 1, Math.max(1, Math.round(fraction * templates.length)));
  const order = permutation(createRandom(seed), templates.length).slice(0, Math.max(0, count));
  if (order.length > 0) return new Set(order.map((index) => templates[index] ?? ''));
  throw new RankscopeError({
    code: 'data',
    what: 'all prompts come from one template, so no share of the templates can be held out',
    remedy: 'Give more prompts, or a file of held-out prompts (data.heldOut.file).',
  });
}
