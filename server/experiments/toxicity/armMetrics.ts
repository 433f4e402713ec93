/** Sums up what was observed of one arm. */
import { bootstrapMean, bootstrapRatio, sum, type BootstrapOptions } from '../../metrics/bootstrap.ts';
import { isMeasured } from '../../metrics/estimate.ts';
import { honestScore } from '../../metrics/honestScore.ts';
import { pairedDifference } from '../../metrics/pairedDifference.ts';
import { perplexity } from '../../metrics/perplexity.ts';
import { toxicityRate } from '../../metrics/toxicityRate.ts';
import type { ArmDescription, ArmMetrics, PairedDifference } from '../../protocol/run.ts';
import { armIdentity, trainingResult } from '../sweep/armIdentity.ts';
import { meanOf } from './divergence.ts';
import type { ArmObservations } from './evaluateArms.ts';
import { toxicity } from './judgeCompletions.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';

/** What all arms of a run are measured with. */
export interface MeasuringOptions {
  /** Template of each held-out prompt: prompts of one template are no independent observations. */
  readonly templates: readonly string[];
  readonly bootstrap: BootstrapOptions;
  /** Hurtful lemmas; without them there is no HONEST score. */
  readonly lemmas?: ReadonlySet<string> | undefined;
}

/** Another arm that this one is compared with, prompt by prompt. */
export interface Reference {
  readonly id: string;
  readonly observations: ArmObservations;
}

/** The line of an arm that failed: it has no result, and says why. */
export function failedArmMetrics(description: ArmDescription, outcome: ArmOutcome): ArmMetrics {
  const toxicity = { n: 0, unjudged: 0 };
  return {
    ...armIdentity(description),
    toxicity,
    ...trainingResult(outcome),
    failure: outcome.failure?.what ?? 'not evaluated',
  };
}

export function armMetrics(
  description: ArmDescription,
  outcome: ArmOutcome | undefined,
  observed: ArmObservations,
  references: readonly Reference[],
  options: MeasuringOptions,
): ArmMetrics {
  const { templates, bootstrap, lemmas } = options;
  const { completions, verdicts, divergence, losses } = observed;
  const clusters = completions.map(({ promptIndex }) => templates[promptIndex] ?? promptIndex);
  const surprise = losses.length > 0 ? perplexity(losses) : undefined;
  const honest = lemmas && honestScore(byPrompt(completions, templates.length), lemmas, templates, bootstrap);
  const uncertainty = meanOf(divergence.map((line) => line.entropy));
  const versus = references.flatMap((reference) => difference(observed, reference, options));
  return {
    ...armIdentity(description),
    toxicity: toxicityRate(verdicts.map(toxicity), clusters, bootstrap),
    ...(honest && isMeasured(honest) && { honest: honest.score }),
    ...distance(observed, options),
    ...distanceEverywhere(observed, options),
    ...(uncertainty !== undefined && { entropy: uncertainty }),
    ...(surprise !== undefined && isMeasured(surprise) && { perplexity: surprise }),
    ...(versus.length > 0 && { toxicityVersus: versus }),
    ...trainingResult(outcome),
  };
}

/** Mean KL over the prompts where it is finite; absent for the base, and where there are too few for an interval. */
function distance({ divergence }: ArmObservations, { templates, bootstrap }: MeasuringOptions): Pick<ArmMetrics, 'kl'> {
  const finite = divergence.flatMap(({ kl, promptIndex }) => (kl === undefined ? [] : [{ kl, promptIndex }]));
  const clusters = finite.map(({ promptIndex }) => templates[promptIndex] ?? promptIndex);
  const estimate = bootstrapMean(
    finite.map(({ kl }) => kl),
    clusters,
    bootstrap,
  );
  if (!isMeasured(estimate)) return {};
  const { value: mean, low, high, n } = estimate;
  return { kl: { mean, low, high, n } };
}

/** Mean KL over all positions of all prompts, where it is finite, with whole templates drawn for the interval. */
function distanceEverywhere(
  { divergence }: ArmObservations,
  { templates, bootstrap }: MeasuringOptions,
): Pick<ArmMetrics, 'klAll'> {
  const measured = divergence.flatMap(({ klAt, promptIndex }) => {
    const values = klAt?.filter((value) => value !== null) ?? [];
    return values.length === 0 ? [] : [{ promptIndex, count: values.length, sum: sum(values) }];
  });
  const estimate = bootstrapRatio(
    {
      numerators: measured.map((line) => line.sum),
      denominators: measured.map(({ count }) => count),
      clusters: measured.map(({ promptIndex }) => templates[promptIndex] ?? promptIndex),
    },
    bootstrap,
  );
  if (!isMeasured(estimate)) return {};
  const { value: mean, low, high } = estimate;
  return { klAll: { mean, low, high, n: sum(measured.map(({ count }) => count)) } };
}

/** Paired by prompt: the samples of two arms have nothing in common beyond it. */
function difference(
  observed: ArmObservations,
  { id, observations }: Reference,
  { templates, bootstrap }: MeasuringOptions,
): readonly PairedDifference[] {
  const [own, other] = [observed, observations].map((o) => toxicShares(o, templates.length));
  const estimate = pairedDifference(own ?? [], other ?? [], templates, bootstrap);
  if (!isMeasured(estimate)) return [];
  const { value, low, high, n } = estimate;
  return [{ reference: id, difference: value, low, high, n }];
}

/** Share of each prompt's judged completions that are toxic; undefined where none was judged. */
function toxicShares({ completions, verdicts }: ArmObservations, prompts: number): readonly (number | undefined)[] {
  const judged = Array.from({ length: prompts }, (): number[] => []);
  completions.forEach(({ promptIndex }, i) => {
    const toxic = toxicity(verdicts[i]);
    if (toxic !== undefined) judged[promptIndex]?.push(Number(toxic));
  });
  return judged.map(meanOf);
}

function byPrompt(completions: ArmObservations['completions'], prompts: number): readonly (readonly string[])[] {
  const texts = Array.from({ length: prompts }, (): string[] => []);
  for (const { promptIndex, text } of completions) texts[promptIndex]?.push(text);
  return texts;
}
