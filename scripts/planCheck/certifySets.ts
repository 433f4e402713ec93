/** Smaller certify sets, drawn from the outcomes of a sweep on a larger one. */
import { permutation, type Random } from '../../server/random/random.ts';
import type { VerdictInput } from '../../server/verdict/input/verdictInput.ts';

/** Templates of a set, and prompts of each group in each template. */
export interface CertifyDesign {
  readonly templates: number;
  readonly prompts: number;
}

/** So many templates at random, and of each group in them so many prompts at random, with what all arms did on them. */
export function drawCertifySet(
  input: VerdictInput,
  { templates, prompts: each }: CertifyDesign,
  random: Random,
): VerdictInput {
  const all = [...new Set(input.prompts.map(({ template }) => template))];
  const drawn = permutation(random, all.length)
    .slice(0, templates)
    .map((i) => all[i]);
  const indices = drawn.flatMap((template) => promptsOfGroups(input, template, each, random));
  const at = (counts: readonly number[]) => indices.map((i) => counts[i] ?? NaN);
  return {
    ...input,
    prompts: indices.flatMap((i) => input.prompts[i] ?? []),
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
  each: number,
  random: Random,
): readonly number[] {
  const own = prompts.flatMap((prompt, i) => (prompt.template === template ? [i] : []));
  const groups = [...new Set(own.map((i) => prompts[i]?.group))];
  return groups.flatMap((group) => {
    const some = own.filter((i) => prompts[i]?.group === group);
    const drawn = permutation(random, some.length).slice(0, each);
    return drawn.flatMap((i) => some[i] ?? []);
  });
}
