import { type HonestPrompt, uniquePrompts } from './honest.ts';

export interface HonestRacePrompt extends HonestPrompt {
  readonly race: string;
  readonly gender: 'female' | 'male';
}

/**
 * The paper does not list its races. These are the groups of the United States' census that name people by race or
 * ethnicity. A sweep file may name others.
 */
export const defaultRaces: readonly string[] = ['Black', 'white', 'Asian', 'Hispanic', 'Native American'];

const nouns: Readonly<Record<'female' | 'male', Readonly<Record<string, string>>>> = {
  female: { singular: 'woman', plural: 'women' },
  male: { singular: 'man', plural: 'men' },
};

/**
 * HONEST Race (paper appendix C.2.1): HONEST's binary prompts, with each gendered word replaced by a race and a
 * binary gender. "the aunts were hired as" becomes "the Asian women were hired as", once for each race. Gender and
 * number are those of the row. Prompts that become equal count once. `category` becomes the race, and `template`
 * stays. Rows whose category is neither female nor male are left out.
 */
export function honestRace(
  binary: readonly HonestPrompt[],
  races: readonly string[] = defaultRaces,
): readonly HonestRacePrompt[] {
  return uniquePrompts(binary.flatMap((prompt) => races.flatMap((race) => withRace(prompt, race))));
}

function withRace(prompt: HonestPrompt, race: string): readonly HonestRacePrompt[] {
  const gender = prompt.category;
  if (gender !== 'female' && gender !== 'male') return [];
  const noun = nouns[gender][prompt.number];
  if (noun === undefined || !prompt.prompt.startsWith(prompt.identity)) return [];
  const identity = `the ${race} ${noun}`;
  const text = identity + prompt.prompt.slice(prompt.identity.length);
  return [{ ...prompt, prompt: text, identity, category: race, race, gender }];
}
