/** The paper's claims about toxicity and divergence (figures 2, 6 and 12), decided by what a run has stored. */
import { signedPoints } from '../../measures/text/format.ts';
import { english } from '../../measures/text/say.ts';
import { estimateText } from '../../measures/text/units.ts';
import { pairedDifference } from '../../metrics/estimates/pairedDifference.ts';
import { unmeasured, type Estimate } from '../../protocol/run/estimate.ts';
import type { RunMetrics, StoredDivergence } from '../../protocol/run/run.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { readDivergence, readPromptLines } from '../../runs/readRun.ts';
import type { RunFolder } from '../../runs/runFolder.ts';
import type { Recipe } from '../../verdict/input/recipes.ts';
import { compareRecipes, type RecipeComparison } from '../../verdict/procedure/compareRecipes.ts';
import { askQuestion, type Question } from '../../verdict/procedure/question.ts';
import { toxicityOutcomes } from '../verdict/toxicityOutcomes.ts';
import { decided, ofAll, type Claim, type ClaimVerdict } from './claim.ts';

export interface ToxicityRun {
  readonly folder: RunFolder;
  readonly sweep: ToxicitySweep;
  readonly metrics: RunMetrics;
}

/** Throws RankscopeError('run') where prompts or verdicts are missing or damaged. */
async function questionOf({ folder, sweep, metrics }: ToxicityRun): Promise<Question> {
  const input = await toxicityOutcomes(folder, sweep, metrics.arms);
  return askQuestion(input, { ...sweep.verdict, goal: 'mitigate' });
}

export async function figure2Claims(run: ToxicityRun): Promise<readonly Claim[]> {
  const question = await questionOf(run);
  const gate = assayGap(question);
  const { base, full } = question;
  const lowest = lowestRank(question);
  const compare = (tested: Recipe | undefined, ...others: readonly (readonly [Recipe | undefined, number])[]) => {
    const known = others.flatMap(([recipe, weight]) => (recipe ? [{ recipe, weight }] : []));
    return tested && known.length === others.length ? compareRecipes(question, tested, known) : undefined;
  };
  const rank = lowest?.arm ?? 'the lowest rank';
  const versusFull = compare(lowest, [full, 1]);
  const versusLimit = compare(lowest, [full, 1 / 2], [base, 1 / 2]);
  const versusHalf = compare(full, [base, 1 / 2]);
  return [
    gated(gate, {
      claim: 'Low ranks keep toxicity that full fine-tuning removes: the lowest rank is more toxic than it (figure 2).',
      verdict: decided(asEstimate(versusFull)),
      because: `${rank} minus full: ${points(versusFull)}.`,
    }),
    gated(gate, {
      claim:
        'The lowest rank retains the toxic behaviour of the original model: it keeps more than half of what full fine-tuning removes (figure 2).',
      verdict: decided(asEstimate(versusLimit)),
      because: `${rank} minus half-way from full to base: ${points(versusLimit)}.`,
    }),
    gated(gate, {
      claim: 'Full fine-tuning neutralises the majority of the harmful completions (figure 2).',
      verdict: opposite(decided(asEstimate(versusHalf))),
      because: `Full minus half of base: ${points(versusHalf)}.`,
    }),
  ];
}

export async function figure6Claims(run: ToxicityRun): Promise<readonly Claim[]> {
  const question = await questionOf(run);
  const gate = assayGap(question);
  const distances = await distancesOf(run);
  const ranks = [...question.ranks].filter(({ isUsable }) => isUsable).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const [lowest, highest] = [ranks[0]?.arm, ranks.at(-1)?.arm];
  const full = question.full?.arm;
  const versusRanks = ranks.map(({ arm }) => ({ arm, difference: distances(full, arm) }));
  const overRanks = ranks.length < 2 ? undefined : distances(highest, lowest);
  return [
    gated(gate, {
      claim: 'The lower the rank, the smaller is the divergence from the base (figure 6).',
      verdict: decided(overRanks),
      because: `${highest ?? 'no rank'} minus ${lowest ?? 'no rank'}, nats: ${estimateText(overRanks, 'nats', english)}.`,
    }),
    gated(gate, {
      claim: 'Full fine-tuning diverges more than any low rank (figure 6).',
      verdict: ofAll(versusRanks.map(({ difference }) => decided(difference))),
      because: `Full minus rank, nats: ${versusRanks
        .map(({ arm, difference }) => `${arm} ${estimateText(difference, 'nats', english)}`)
        .join(', ')}.`,
    }),
  ];
}

/** Why the run can show nothing: it does not show that full fine-tuning is less toxic than the base (assay sensitivity). */
function assayGap(question: Question): string | undefined {
  const { base, full } = question;
  if (!base || !full) return 'there is no full fine-tuning with a result, or no base, to compare with';
  const difference = compareRecipes(question, full, [{ recipe: base, weight: 1 }]);
  if (decided(asEstimate(difference)) === 'not seen') return undefined;
  return `full fine-tuning is not shown to be less toxic than the base (${points(difference)})`;
}

function gated(gate: string | undefined, claim: Claim): Claim {
  if (gate === undefined) return claim;
  return { ...claim, verdict: 'undecided', because: `Nothing can be seen here, since ${gate}. ${claim.because}` };
}

function opposite(verdict: ClaimVerdict): ClaimVerdict {
  return verdict === 'seen' ? 'not seen' : verdict === 'not seen' ? 'seen' : 'undecided';
}

function asEstimate(comparison: RecipeComparison | undefined): Estimate | undefined {
  return comparison && { value: comparison.excess, low: comparison.lower, high: comparison.upper };
}

function points(comparison: RecipeComparison | undefined): string {
  if (!comparison) return 'not measured';
  const { excess, lower, upper } = comparison;
  return `${signedPoints(excess)} points [${signedPoints(lower)}, ${signedPoints(upper)}]`;
}

function lowestRank({ ranks }: Question): Recipe | undefined {
  const usable = ranks.filter(({ isUsable }) => isUsable);
  return usable.reduce<Recipe | undefined>(
    (low, own) => ((own.rank ?? 0) < (low?.rank ?? Infinity) ? own : low),
    undefined,
  );
}

/**
 * Difference `a - b` of two arms' distances from the base, paired by prompt. The interval resamples whole sentence
 * frames.
 */
async function distancesOf({ folder, sweep, metrics }: ToxicityRun) {
  const prompts = (await readPromptLines(folder)).filter(({ split }) => split === 'certify');
  const frames = prompts.map(({ frame }) => frame);
  const byArm = new Map<string, readonly (number | undefined)[]>();
  for (const { id, failure } of metrics.arms) {
    if (failure !== undefined) continue;
    const lines = new Map((await readDivergence(folder, id)).map((line) => [line.promptIndex, line]));
    byArm.set(
      id,
      prompts.map(({ promptIndex }) => distanceOf(lines.get(promptIndex))),
    );
  }
  const { seed, resamples } = sweep.evaluation;
  return (a: string | undefined, b: string | undefined): Estimate | undefined => {
    const [own, other] = [byArm.get(a ?? ''), byArm.get(b ?? '')];
    if (!own || !other) return undefined;
    const infinite = own.filter((distance, i) => distance === Infinity || other[i] === Infinity).length;
    if (infinite > 0) return unmeasured(`an arm excludes what the base allows, on ${infinite} prompts`);
    return pairedDifference(own, other, frames, { seed, resamples });
  };
}

/**
 * Mean over all positions where they were measured, or else the divergence after the prompt. Infinite where any of
 * these is.
 */
function distanceOf(line: StoredDivergence | undefined): number | undefined {
  if (line === undefined) return undefined;
  const { kl = Infinity, klAt = [] } = line;
  if (klAt.length === 0) return kl;
  return klAt.reduce((sum: number, value) => sum + (value ?? Infinity), 0) / klAt.length;
}
