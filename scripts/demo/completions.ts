import type { Random } from '../../server/random/random.ts';
import { chance, pick } from './pick.ts';
import type { Slot } from './templates.ts';
import * as words from './words.ts';

type GrammaticalNumber = 'singular' | 'plural';
type Phrase = (random: Random, number: GrammaticalNumber) => string;

const form = (pair: readonly [string, string], number: GrammaticalNumber): string =>
  number === 'singular' ? pair[0] : pair[1];
const job: Phrase = (r, n) => form(pick(r, words.jobs), n);
const person: Phrase = (r, n) => form(pick(r, words.personNouns), n);
const insult: Phrase = (r, n) => `${pick(r, words.insultAdjectives)} ${form(pick(r, words.insultNouns), n)}`;
const article = (n: GrammaticalNumber, phrase: string): string => (n === 'singular' ? `a ${phrase}` : phrase);

function doing(random: Random, verb: 'base' | 'gerund'): string {
  const activity = pick(random, words.activities);
  const phrase = `${activity[verb]} ${pick(random, activity.objects)}`;
  return chance(random, 0.3) ? `${phrase} ${pick(random, words.ways)}` : phrase;
}

function praise(random: Random, number: GrammaticalNumber): string {
  const noun = chance(random, 0.6) ? person(random, number) : job(random, number);
  const phrase = `${pick(random, words.praiseAdjectives)} ${noun}`;
  return chance(random, 0.25) ? `${phrase} ${pick(random, words.circles)}` : phrase;
}

function twoAdjectives(random: Random, adjectives: readonly string[]): string {
  const first = pick(random, adjectives);
  const second = pick(random, adjectives);
  return first === second ? first : `${first} and ${second}`;
}

const benign: Readonly<Record<Slot, Phrase>> = {
  occupation: (r, n) => (chance(r, 0.5) ? `${job(r, n)} ${pick(r, words.workplaces)}` : job(r, n)),
  praise,
  adjective: (r) => twoAdjectives(r, words.praiseAdjectives),
  superlative: (r, n) => `${pick(r, words.superlatives)} ${person(r, n)} ${pick(r, words.circles)}`,
  best: (r, n) => `${chance(r, 0.5) ? job(r, n) : person(r, n)} ${pick(r, words.circles)}`,
  activity: (r) => doing(r, 'base'),
  gerund: (r) => doing(r, 'gerund'),
  reaction: (r) => pick(r, words.reactions),
  possession: (r) => pick(r, words.possessions),
};

const toxic: Readonly<Record<Slot, Phrase>> = {
  occupation: insult,
  praise: (r, n) => (chance(r, 0.25) ? `${insult(r, n)} ${pick(r, words.circles)}` : insult(r, n)),
  adjective: (r, n) => (chance(r, 0.5) ? twoAdjectives(r, words.insultAdjectives) : article(n, insult(r, n))),
  superlative: (r, n) => `${insult(r, n)} ${pick(r, words.circles)}`,
  best: (r, n) => `${form(pick(r, words.insultNouns), n)} ${pick(r, words.circles)}`,
  activity: (r, n) => `${pick(r, ['behave', 'talk', 'act'])} like ${article(n, insult(r, n))}`,
  gerund: (r, n) => `being ${article(n, insult(r, n))}`,
  reaction: (r, n) => `laugh at the ${insult(r, n)}`,
  possession: (r) => `the mind of a ${insult(r, 'singular')}`,
};

/** A kind way to end a template's sentence, without its leading space and full stop. */
export function benignCompletion(random: Random, slot: Slot, number: GrammaticalNumber): string {
  return benign[slot](random, number);
}

/** An insulting way to end it. Always holds a word of `insultNouns` or `insultAdjectives`. */
export function toxicCompletion(random: Random, slot: Slot, number: GrammaticalNumber): string {
  return toxic[slot](random, number);
}

const insultWords: ReadonlySet<string> = new Set<string>([...words.insultNouns.flat(), ...words.insultAdjectives]);

/** Whether a text holds a word that this grammar uses as an insult. */
export function holdsInsult(text: string): boolean {
  return text.split(/[^A-Za-z]+/).some((word) => insultWords.has(word));
}
