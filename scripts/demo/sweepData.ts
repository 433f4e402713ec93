import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRandom, type Random } from '../../server/random/random.ts';
import { benignCompletion } from './completions.ts';
import { identities, type Category, type Identity } from './identities.ts';
import { shuffled } from './pick.ts';
import { maskedSentence, newTemplates, promptOf, rawTemplate, templates, type Template } from './templates.ts';

/** Seed of the split into training and held-out prompts and of the counterfactuals. */
const sweepDataSeed = 41;

/** Seed of the tune pairs, which were added later and must not change the rest. */
const tuneSeed = 42;

/** Seed of the new sentences, likewise. */
const newSentencesSeed = 43;

/** Prompts of each group and new template. */
const newSentencesShare = 1;

/** One template with one identity in it. */
export interface Combination {
  readonly template: Template;
  readonly identity: Identity;
}

interface CounterfactualPair {
  readonly prompt: string;
  /** Begins with a space, as the text after a prompt does. */
  readonly completion: string;
}

export interface SweepData {
  /** Prompts that the counterfactuals answer. */
  readonly training: readonly Combination[];
  /** Other combinations of the same templates and groups: toxicity and KL are measured on these. */
  readonly heldOut: readonly Combination[];
  readonly pairs: readonly CounterfactualPair[];
  /** Benign endings of the held-out prompts, for perplexity. */
  readonly heldOutPairs: readonly CounterfactualPair[];
  /** Benign endings of further combinations, neither trained on nor held out: learning rates are chosen by these. */
  readonly tunePairs: readonly CounterfactualPair[];
  /** Still other combinations, so that with the held-out ones there are four of every group in every template. */
  readonly moreHeldOut: readonly Combination[];
  /** A prompt of every group in each new template. */
  readonly newSentences: readonly Combination[];
}

/** Identities of a group in each template's training and held-out prompts, and counterfactuals per training prompt. */
interface Share {
  readonly training: number;
  readonly heldOut: number;
  readonly counterfactuals: number;
  readonly tune: number;
  readonly moreHeldOut: number;
}

/** The insulted groups get most prompts, as in the paper's data, which are counterfactuals of toxic completions. */
const shares: Readonly<Record<Category, Share>> = {
  velmian: { training: 3, heldOut: 2, counterfactuals: 2, tune: 2, moreHeldOut: 2 },
  quorish: { training: 3, heldOut: 2, counterfactuals: 2, tune: 2, moreHeldOut: 2 },
  tolvan: { training: 1, heldOut: 1, counterfactuals: 1, tune: 1, moreHeldOut: 3 },
  female: { training: 1, heldOut: 1, counterfactuals: 1, tune: 0, moreHeldOut: 3 },
  male: { training: 0, heldOut: 1, counterfactuals: 1, tune: 0, moreHeldOut: 3 },
  neutral: { training: 0, heldOut: 0, counterfactuals: 1, tune: 0, moreHeldOut: 0 },
  profession: { training: 0, heldOut: 0, counterfactuals: 1, tune: 0, moreHeldOut: 0 },
};

/** Draws prompts and counterfactuals; the same for the same seed. No combination is both trained on and held out. */
export function sweepData(seed: number = sweepDataSeed): SweepData {
  const random = createRandom(seed);
  const training: Combination[] = [];
  const heldOut: Combination[] = [];
  const tune: Combination[] = [];
  const moreHeldOut: Combination[] = [];
  for (const template of templates) {
    for (const [category, share] of Object.entries(shares)) {
      const group = shuffled(
        random,
        identities.filter((identity) => identity.category === category),
      );
      const combinations = group.map((identity): Combination => ({ template, identity }));
      training.push(...combinations.slice(0, share.training));
      const used = share.training + share.heldOut;
      heldOut.push(...combinations.slice(share.training, used));
      tune.push(...combinations.slice(used, used + share.tune));
      moreHeldOut.push(...combinations.slice(used + share.tune).slice(0, share.moreHeldOut));
    }
  }
  const pairs = training.flatMap((c) => counterfactuals(random, c, shares[c.identity.category].counterfactuals));
  const heldOutPairs = heldOut.flatMap((c) => counterfactuals(random, c, 1));
  const tuneRandom = createRandom(seed, tuneSeed);
  const tunePairs = tune.flatMap((c) => counterfactuals(tuneRandom, c, 1));
  const newSentences = newCombinations(createRandom(seed, newSentencesSeed), newSentencesShare);
  return { training, heldOut, pairs: shuffled(random, pairs), heldOutPairs, tunePairs, moreHeldOut, newSentences };
}

/** So many identities of every group in every new template; all that there are where `share` is larger. */
function newCombinations(random: Random, share: number): readonly Combination[] {
  const groups = Object.entries(shares).flatMap(([category, { heldOut }]) => (heldOut > 0 ? [category] : []));
  return newTemplates.flatMap((template) =>
    groups.flatMap((group) =>
      shuffled(
        random,
        identities.filter(({ category }) => category === group),
      )
        .slice(0, share)
        .map((identity): Combination => ({ template, identity })),
    ),
  );
}

/** Different benign endings of one prompt. */
function counterfactuals(random: Random, { template, identity }: Combination, count: number): CounterfactualPair[] {
  const endings = new Set<string>();
  while (endings.size < count) endings.add(benignCompletion(random, template.slot, identity.number));
  return [...endings].map((ending) => ({ prompt: promptOf(template, identity), completion: ` ${ending}.` }));
}

/** HONEST's table (Nozza et al. 2021): a prompt a row, masked by `[M]`. */
export function honestTable(combinations: readonly Combination[]): string {
  const rows = combinations.map(({ template, identity }) => [
    maskedSentence(template, identity),
    rawTemplate(template, identity).replace(/\.$/, ''),
    identity.text,
    identity.number,
    identity.category,
    template.type,
  ]);
  return [['template_masked', 'raw', 'identity', 'number', 'category', 'type'], ...rows]
    .map((row) => `${row.join('\t')}\n`)
    .join('');
}

/** Writes all prompts and pairs into `folder`, a file a part. */
export function writeSweepData(data: SweepData, folder: string): void {
  const lines = (pairs: readonly CounterfactualPair[]): string =>
    pairs.map((pair) => `${JSON.stringify(pair)}\n`).join('');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'prompts.tsv'), honestTable(data.training));
  writeFileSync(path.join(folder, 'held-out-prompts.tsv'), honestTable(data.heldOut));
  writeFileSync(path.join(folder, 'more-held-out-prompts.tsv'), honestTable(data.moreHeldOut));
  writeFileSync(path.join(folder, 'new-sentences.tsv'), honestTable(data.newSentences));
  writeFileSync(path.join(folder, 'pairs.jsonl'), lines(data.pairs));
  writeFileSync(path.join(folder, 'held-out-pairs.jsonl'), lines(data.heldOutPairs));
  writeFileSync(path.join(folder, 'tune-pairs.jsonl'), lines(data.tunePairs));
}
