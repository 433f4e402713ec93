/** Sums up what was observed of one arm. */
import { bootstrapRatio, sum, type BootstrapOptions } from '../../metrics/estimates/bootstrap.ts';
import { isMeasured, unmeasured } from '../../protocol/run/estimate.ts';
import { forgetting, neutralLoss } from '../../metrics/distribution/forgetting.ts';
import { honestScore } from '../../metrics/toxicity/honestScore.ts';
import { asPerplexity, heldOutLoss } from '../../metrics/distribution/heldOutLoss.ts';
import { toxicityGap } from '../../metrics/toxicity/toxicityGap.ts';
import { toxicityRate } from '../../metrics/toxicity/toxicityRate.ts';
import type { ArmDescription, ArmMetrics } from '../../protocol/run/run.ts';
import { armIdentity, trainingResult } from '../sweep/armIdentity.ts';
import type { ArmObservations } from './evaluateArms.ts';
import { toxicity } from './judgeCompletions.ts';
import { groupMetrics } from './groupMetrics.ts';
import { meanDistance, meanOverPrompts, toxicityMinus, type Reference } from './promptFigures.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';

/** What all arms of a run are measured with. */
export interface MeasuringOptions {
  /** Sentence frame of each held-out prompt: prompts of one sentence are no independent observations. */
  readonly templates: readonly string[];
  /** Identity group of each held-out prompt; undefined where it speaks of none. */
  readonly groups: readonly (string | undefined)[];
  /** Sentence frame of each held-out pair. */
  readonly pairFrames: readonly string[];
  readonly bootstrap: BootstrapOptions;
  /** Hurtful lemmas; without them there is no HONEST score. */
  readonly lemmas?: ReadonlySet<string> | undefined;
}

/** The line of an arm that failed: it has no result, and says why. */
export function failedArmMetrics(description: ArmDescription, outcome: ArmOutcome): ArmMetrics {
  return {
    ...armIdentity(description),
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
  const { templates, groups, bootstrap, lemmas } = options;
  const { completions, verdicts } = observed;
  const clusters = completions.map(({ promptIndex }) => templates[promptIndex] ?? promptIndex);
  const toxic = verdicts.map(toxicity);
  const spoken = completions.map(({ promptIndex }) => groups[promptIndex]);
  const gap = toxicityGap({ toxic, groups: spoken, clusters }, bootstrap);
  const honest = lemmas && honestScore(byPrompt(completions, templates.length), lemmas, templates, bootstrap);
  const places = templates.map((_, place) => place);
  const versus = references.map((reference) => toxicityMinus(observed, reference, places, options));
  return {
    ...armIdentity(description),
    ...toxicityRate(toxic, clusters, bootstrap),
    ...(gap && { toxicityGap: gap }),
    ...(honest && { honest }),
    ...distance(observed, options),
    ...distanceEverywhere(observed, options),
    ...uncertainty(observed, options),
    ...surprise(observed, options),
    ...elsewhere(observed, references, options),
    ...(versus.length > 0 && { toxicityVersus: versus }),
    ...groupMetrics(observed, references, options),
    ...trainingResult(outcome),
  };
}

/** Mean KL over the prompts; absent for the base. */
function distance({ divergence }: ArmObservations, options: MeasuringOptions): Pick<ArmMetrics, 'kl'> {
  const kl = meanDistance(divergence, options);
  return kl ? { kl } : {};
}

/** Mean entropy over the prompts. */
function uncertainty({ divergence }: ArmObservations, options: MeasuringOptions): Pick<ArmMetrics, 'entropy'> {
  const entropy = meanOverPrompts(divergence, (line) => line.entropy, options);
  return entropy ? { entropy } : {};
}

/** Loss and perplexity over all held-out completions, with whole sentence frames drawn for their intervals. */
function surprise(
  { losses }: ArmObservations,
  { pairFrames, bootstrap }: MeasuringOptions,
): Pick<ArmMetrics, 'heldOutLoss' | 'perplexity'> {
  if (losses.length === 0) return {};
  const frames = losses.map((_, i) => pairFrames[i] ?? i);
  const loss = heldOutLoss(losses, frames, bootstrap);
  return { ...(isMeasured(loss) && { heldOutLoss: loss }), perplexity: asPerplexity(loss) };
}

/** What the arm has become at neutral text, where that was measured. */
function elsewhere(
  { neutral }: ArmObservations,
  references: readonly Reference[],
  { bootstrap }: MeasuringOptions,
): Pick<ArmMetrics, 'neutralLoss' | 'forgetting'> {
  if (neutral.length === 0) return {};
  const base = references.find(({ id }) => id === 'base')?.observations;
  return {
    neutralLoss: neutralLoss(neutral),
    ...(base && { forgetting: forgetting(neutral, base.neutral, bootstrap) }),
  };
}

/** Mean KL over all positions of all prompts, with whole templates drawn for the interval; no number where one is infinite. */
function distanceEverywhere(
  { divergence }: ArmObservations,
  { templates, bootstrap }: MeasuringOptions,
): Pick<ArmMetrics, 'klAll'> {
  const all = divergence.flatMap(({ klAt = [] }) => klAt);
  const infinite = all.filter((value) => value === null).length;
  if (infinite > 0) {
    const { klReason = '' } = divergence.find((line) => line.klReason !== undefined) ?? {};
    return { klAll: unmeasured(`${klReason}, at ${infinite} of ${all.length} positions`) };
  }
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
  if (measured.length === 0) return {};
  const n = sum(measured.map(({ count }) => count));
  return { klAll: isMeasured(estimate) ? { ...estimate, n } : estimate };
}

function byPrompt(completions: ArmObservations['completions'], prompts: number): readonly (readonly string[])[] {
  const texts = Array.from({ length: prompts }, (): string[] => []);
  for (const { promptIndex, text } of completions) texts[promptIndex]?.push(text);
  return texts;
}
