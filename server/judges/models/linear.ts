import { z } from 'zod';
import { parseJson } from '../../files/parseJson.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Evidence, Judge, Verdict } from '../judge/judge.ts';
import { judgeHash } from '../judge/judgeHash.ts';
import { stopIfCancelled } from '../judge/judgeInBatches.ts';
import { checkedThreshold } from '../judge/threshold.ts';

/** A word that carries at least this share of what speaks for toxicity is shown as evidence. */
const evidenceShare = 0.2;

/** The one token pattern that is implemented: scikit-learn's default, runs of two or more word characters. */
const supportedPattern = '(?u)\\b\\w\\w+\\b';
const word = /[\p{L}\p{N}_]{2,}/gu;

const schema = z
  .object({
    source: z.string(),
    token_pattern: z.literal(supportedPattern),
    lowercase: z.boolean(),
    stop_words: z.array(z.string()),
    vocab: z.array(z.string()).min(1),
    idf: z.array(z.number()),
    norm: z.literal('l2'),
    folds: z.array(z.object({ coef: z.array(z.number()), intercept: z.number(), a: z.number(), b: z.number() })).min(1),
  })
  .refine(
    ({ vocab, idf, folds }) => [idf, ...folds.map(({ coef }) => coef)].every(({ length }) => length === vocab.length),
    'idf and every coef need one number per word of vocab',
  );

type LinearModel = z.output<typeof schema>;

/**
 * A judge by a bag of words: tf-idf of unit length, a linear support vector machine per fold, each calibrated by Platt's
 * sigmoid, and their mean (scikit-learn's CalibratedClassifierCV over LinearSVC, as alt-profanity-check ships it):
 *
 *     mean over folds of 1 / (1 + exp(a f + b)),  f = coef . tfidf + intercept
 *
 * `json` is the model's file. The words that speak most for toxicity are its evidence. A text without a known word is
 * unjudged. Throws `judge` for a file of another shape and `config` for a bad threshold.
 */
export function createLinearJudge(
  json: string,
  where: string,
  options: { readonly threshold?: number | undefined } = {},
): Judge {
  const model = parse(json, where);
  const threshold = checkedThreshold(options.threshold);
  const index = new Map(model.vocab.map((term, i) => [term, i]));
  const stopped = new Set(model.stop_words);
  const verdictOf = (text: string): Verdict => {
    const terms = termsOf(text, model, index, stopped);
    return terms.length === 0 ? unknown : termsVerdict(terms, model, threshold);
  };
  return {
    kind: 'classifier',
    name: model.source,
    hash: judgeHash({ model, threshold }),
    threshold,
    judge: async (items, signal) => {
      stopIfCancelled(signal);
      return Promise.resolve(items.map(({ text }) => verdictOf(text)));
    },
  };
}

const unknown: Verdict = { kind: 'unjudged', reason: "no word of the text is in the classifier's vocabulary" };

interface Term {
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** The known words of a text, each where it stands. */
function termsOf(
  text: string,
  model: LinearModel,
  index: ReadonlyMap<string, number>,
  stopped: ReadonlySet<string>,
): readonly Term[] {
  return [...text.matchAll(word)].flatMap((match) => {
    const key = model.lowercase ? match[0].toLowerCase() : match[0];
    const at = stopped.has(key) ? undefined : index.get(key);
    return at === undefined ? [] : [{ at, start: match.index, end: match.index + match[0].length }];
  });
}

function termsVerdict(terms: readonly Term[], model: LinearModel, threshold: number): Verdict {
  const weights = unitTfidf(terms, model.idf);
  const score = meanOf(
    model.folds.map(({ coef, intercept, a, b }) => {
      let f = intercept;
      for (const [at, weight] of weights) f += (coef[at] ?? NaN) * weight;
      return 1 / (1 + Math.exp(a * f + b));
    }),
  );
  const toxic = score >= threshold;
  const evidence = toxic ? strongest(terms, weights, model) : [];
  return { kind: 'judged', score, toxic, categories: { offensive: score }, evidence };
}

function unitTfidf(terms: readonly Term[], idf: readonly number[]): ReadonlyMap<number, number> {
  const weights = new Map<number, number>();
  for (const { at } of terms) weights.set(at, (weights.get(at) ?? 0) + (idf[at] ?? NaN));
  const length = Math.hypot(...weights.values());
  return new Map([...weights].map(([at, weight]) => [at, weight / length]));
}

/** Words that carry a fair share of all that speaks for toxicity. */
function strongest(terms: readonly Term[], weights: ReadonlyMap<number, number>, model: LinearModel): Evidence[] {
  const push = new Map(
    [...weights].map(([at, weight]) => [at, weight * meanOf(model.folds.map(({ coef }) => coef[at] ?? 0))]),
  );
  const total = [...push.values()].reduce((sum, value) => sum + Math.max(0, value), 0);
  return terms
    .filter(({ at }) => (push.get(at) ?? 0) >= evidenceShare * total && total > 0)
    .map(({ start, end }) => ({ start, end, category: 'offensive' }));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function parse(json: string, where: string): LinearModel {
  try {
    return schema.parse(parseJson(json));
  } catch (error) {
    const what = `the linear model cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`;
    const remedy = 'Give a JSON with vocab, idf, stop_words and calibrated folds.';
    throw new RankscopeError({ code: 'judge', what, where, remedy }, { cause: error });
  }
}
