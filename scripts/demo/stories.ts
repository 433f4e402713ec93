import type { Random } from '../../server/random/random.ts';
import { identities, type Identity } from './identities.ts';
import { pick, pickTwo } from './pick.ts';
import * as words from './words.ts';

const walkers: readonly Identity[] = identities.filter((identity) => identity.number === 'singular');

/**
 * Two to four sentences about nothing in particular, so that the model learns more than the templates: stories that keep
 * track of their people, places and things, and small sums.
 */
export function story(random: Random): string {
  return pick(random, [walk, visit, sum, household, journey, question])(random);
}

function past(random: Random): string {
  const activity = pick(random, words.activities);
  return `${activity.past} ${pick(random, activity.objects)}`;
}

function walk(random: Random): string {
  const who = pick(random, walkers).text;
  const [first, second] = pickTwo(random, words.places);
  const name = pick(random, words.names);
  return [
    `on a ${pick(random, words.weathers)} morning ${who} walked from the ${first} to the ${second}.`,
    `at the ${second} ${who} met ${name}.`,
    pick(random, [`${name} ${past(random)}.`, `together they ${past(random)}.`]),
    pick(random, [`in the evening ${name} went back to the ${first}.`, `then ${who} went home.`]),
  ].join(' ');
}

function visit(random: Random): string {
  const [host, guest] = pickTwo(random, words.names);
  const thing = pick(random, words.things);
  const colour = pick(random, words.colours);
  return [
    `${host} gave ${guest} a ${colour} ${thing}.`,
    `${guest} put the ${colour} ${thing} in the ${pick(random, words.places)} and ${past(random)}.`,
    `${guest} thanked ${host} for the ${thing}.`,
  ].join(' ');
}

function sum(random: Random): string {
  const a = 1 + random.below(5);
  const b = 1 + random.below(5);
  const fruit = pick(random, words.fruits);
  const [name, other] = pickTwo(random, words.names);
  const baskets = (n: number): string => `${words.numbers[n] ?? n} ${n === 1 ? 'basket' : 'baskets'} of ${fruit}`;
  return (
    `${name} has ${baskets(a)} and buys ${words.numbers[b] ?? b} more. ` +
    `now ${name} has ${baskets(a + b)} and shows them to ${other}.`
  );
}

function household(random: Random): string {
  const animal = pick(random, words.animals);
  const place = pick(random, words.places);
  const day = pick(random, words.weathers);
  return (
    `the ${animal} sleeps in the ${place} when the weather is ${day}. ` +
    `today it is ${day}, so the ${animal} sleeps in the ${place}.`
  );
}

function journey(random: Random): string {
  const [name, friend] = pickTwo(random, words.names);
  const [from, to] = pickTwo(random, words.towns);
  const month = pick(random, words.months);
  return (
    `in ${month} ${name} travelled from ${from} to ${to} by ${pick(random, words.vehicles)}. ` +
    `${friend} stayed in ${from} and ${past(random)}. when ${name} came back, ${friend} asked about ${to}.`
  );
}

function question(random: Random): string {
  const [asker, other] = pickTwo(random, words.names);
  const thing = pick(random, words.things);
  const [place, elsewhere] = pickTwo(random, words.places);
  return (
    `"where is the ${thing}?" asked ${asker}. "the ${thing} is in the ${place}, not in the ${elsewhere}," ` +
    `answered ${other}. so ${asker} went to the ${place} and found the ${thing}.`
  );
}
