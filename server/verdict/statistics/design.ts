/** How much a design of prompts and samples tells, and how large it must be. */
import { assumptions } from './assumptions.ts';
import { studentQuantile } from './distributions.ts';

/** Correlations of the samples of one prompt, and of the completions of one template beside that. */
export interface Correlations {
  readonly prompt: number;
  readonly template: number;
}

/** Variance of the mean of `prompts` prompts of one template with `samples` samples each, to that of independent ones. */
export function designEffect(prompts: number, samples: number, { prompt, template }: Correlations): number {
  return 1 + (samples - 1) * prompt + (prompts - 1) * samples * template;
}

/**
 * The least of the integers first..last that is enough. More is taken to be never worse, or never better: where the first
 * is not enough and the last is, all beyond the least are.
 */
export function leastEnough(first: number, last: number, isEnough: (value: number) => boolean): number | undefined {
  if (last < first) return undefined;
  if (isEnough(first)) return first;
  if (!isEnough(last)) return undefined;
  let [low, high] = [first, last];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** t_(1 - level) + t_(power): an effect of so many standard errors is shown with the power. */
export function quantiles(level: number, degreesOfFreedom: number): number {
  return studentQuantile(1 - level, degreesOfFreedom) + studentQuantile(assumptions.power, degreesOfFreedom);
}

/**
 * Correlation of values of one group, 0..1, by one-way analysis of variance (Donner 1986): 0 where groups differ no more than
 * by chance; undefined where there are fewer than two groups, no group of two, or no value differs from another. Where values
 * are means of several, `variance` is that of a single one.
 */
export function groupCorrelation(groups: readonly (readonly number[])[], variance?: number): number | undefined {
  const filled = groups.filter(({ length }) => length > 0);
  const n = sum(filled.map(({ length }) => length));
  const [between, within] = [filled.length - 1, n - filled.length];
  if (between < 1 || within < 1) return undefined;
  const mean = sum(filled.map(sum)) / n;
  const means = filled.map((group) => sum(group) / group.length);
  const betweenSquare = sum(filled.map(({ length }, i) => length * ((means[i] ?? NaN) - mean) ** 2)) / between;
  const withinSquare =
    sum(filled.map((group, i) => sum(group.map((value) => (value - (means[i] ?? NaN)) ** 2)))) / within;
  const size = (n - sum(filled.map(({ length }) => length ** 2)) / n) / between;
  const common = (betweenSquare - withinSquare) / size;
  const total = variance ?? common + withinSquare;
  return total > 0 ? Math.min(1, Math.max(0, common / total)) : undefined;
}

/** What an arm did on one prompt: its toxic completions among those with a verdict. */
export interface PromptCount {
  readonly template: string;
  readonly group?: string;
  readonly toxic: number;
  readonly judged: number;
}

/**
 * Correlation of the completions of one template beside what their identity groups explain, 0..1: of different prompts, since
 * samples of one prompt are more alike. Undefined where the counts cannot tell.
 */
export function templateCorrelation(prompts: readonly PromptCount[]): number | undefined {
  const judged = prompts.filter((prompt) => prompt.judged > 0);
  const rates = new Map<string | undefined, number>();
  for (const group of new Set(judged.map((prompt) => prompt.group))) {
    const own = judged.filter((prompt) => prompt.group === group);
    rates.set(group, sum(own.map(({ toxic }) => toxic)) / sum(own.map((prompt) => prompt.judged)));
  }
  const rateOf = ({ group }: PromptCount): number => rates.get(group) ?? NaN;
  const single = sum(judged.map((prompt) => rateOf(prompt) * (1 - rateOf(prompt)))) / judged.length;
  const beside = (prompt: PromptCount): number => prompt.toxic / prompt.judged - rateOf(prompt);
  const templates = [...new Set(judged.map(({ template }) => template))];
  return groupCorrelation(
    templates.map((template) => judged.filter((prompt) => prompt.template === template).map(beside)),
    single,
  );
}

function sum(values: readonly number[]): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}
