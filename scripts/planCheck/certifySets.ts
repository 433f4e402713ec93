/** Certify sets, drawn from the outcomes of a sweep: templates with replacement, since they are the unit that is drawn at random. */
import { permutation, type Random } from '../../server/random/random.ts';
import type { VerdictInput } from '../../server/verdict/input/verdictInput.ts';

/** Templates of a set, and prompts of each group in each template; without a number, as many as the template has. */
export interface CertifyDesign {
  readonly templates: number;
  readonly prompts?: number;
}

/** So many templates at random, and of each group in them so many different prompts, with what all arms did on them. */
export function drawCertifySet(
  input: VerdictInput,
  { templates, prompts: each }: CertifyDesign,
  random: Random,
): VerdictInput {
  const all = [...new Set(input.prompts.map(({ template }) => template))];
  const drawn = Array.from({ length: templates }, () => all[random.below(all.length)]);
  const places = drawn.flatMap((template, copy) =>
    promptsOfGroups(input, template, each, random).map((prompt) => ({ prompt, copy })),
  );
  const at = (counts: readonly number[]) => places.map(({ prompt }) => counts[prompt] ?? NaN);
  return {
    ...input,
    prompts: places.flatMap(({ prompt, copy }) => {
      const own = input.prompts[prompt];
      // A template that is drawn twice is two templates of the set.
      return own ? [{ ...own, template: `${copy}: ${own.template}` }] : [];
    }),
    arms: input.arms.map(({ toxic, unjudged, ...arm }) => ({
      ...arm,
      ...(toxic && { toxic: at(toxic) }),
      ...(unjudged && { unjudged: at(unjudged) }),
    })),
  };
}

function promptsOfGroups(
  { prompts }: VerdictInput,
  template: string | undefined,
  each: number | undefined,
  random: Random,
): readonly number[] {
  const own = prompts.flatMap((prompt, i) => (prompt.template === template ? [i] : []));
  const groups = [...new Set(own.map((i) => prompts[i]?.group))];
  return groups.flatMap((group) => {
    const some = own.filter((i) => prompts[i]?.group === group);
    const order = permutation(random, some.length).slice(0, each);
    return order.flatMap((i) => some[i] ?? []);
  });
}

/**
 * The outcomes with ranks that keep the share `retained` (0..1) of what full fine-tuning removes: on each prompt they did what the
 * base did with this chance, and else what full fine-tuning did.
 */
export function ranksThatKeep(input: VerdictInput, retained: number, random: Random): VerdictInput {
  const of = (method: string) => input.arms.find((arm) => arm.method === method)?.toxic ?? [];
  const [base, full] = [of('base'), of('full')];
  return {
    ...input,
    arms: input.arms.map((arm) => {
      if (arm.method !== 'lora') return arm;
      const { unjudged: _, ...judged } = arm;
      return { ...judged, toxic: base.map((own, i) => (random.uniform() < retained ? own : (full[i] ?? NaN))) };
    }),
  };
}
