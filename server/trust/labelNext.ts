import type { HumanLabel } from '../judges/labels/human.ts';
import { identityWords } from '../judges/lexicon/identityWords.ts';
import { wordTokens } from '../judges/lexicon/wordTokens.ts';
import { type LabelledStratum, nextStratum } from '../metrics/estimates/stratifiedRate.ts';

/** A text that a person may be asked to label. */
export interface LabelCandidate {
  /** Content hash. It also decides which text of a stratum comes first, and so acts as a random draw. */
  readonly content: string;
  readonly text: string;
  readonly verdict:
    | { readonly kind: 'judged'; readonly score: number; readonly toxic: boolean }
    | { readonly kind: 'unjudged' }
    | undefined;
  /** Whether people call it toxic; undefined without a label. */
  readonly label: boolean | undefined;
  /** Whether a person has seen the text and was unsure. It is not suggested again. */
  readonly skip?: boolean;
}

/** What the label in force means for a candidate. */
export function saidOf(label: Pick<HumanLabel, 'label'> | undefined): Pick<LabelCandidate, 'label' | 'skip'> {
  const unsure = label?.label === 'unsure';
  return { label: label === undefined || unsure ? undefined : label.label === 'toxic', skip: unsure };
}

export interface Suggestion {
  /** Index of the candidate. */
  readonly index: number;
  /** What kind of text it is and why it is worth a label. */
  readonly reason: string;
}

/** A group of texts on which the judge gives the same verdict with about the same certainty. */
export interface Stratum extends LabelledStratum {
  readonly name: string;
  /** Variance p (1 - p) that the next label is expected to have. */
  readonly spread: number;
  /** Candidates without a label, in the order in which they are suggested. */
  readonly open: readonly number[];
}

/**
 * Divides texts by the judge's verdict: clean, clean but near the threshold, toxic but near the threshold, toxic,
 * unjudged. Each of these is divided by whether the text names an identity, since judges err more often there.
 * Texts of equal content count once.
 */
export function strataOf(candidates: readonly LabelCandidate[]): readonly Stratum[] {
  const groups = new Map<string, number[]>();
  const seen = new Map<string, number>();
  candidates.forEach((candidate, index) => {
    if (candidate.verdict === undefined || seen.has(candidate.content)) return;
    seen.set(candidate.content, index);
    const name = kindOf(candidate);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [index]);
    else group.push(index);
  });
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, all]) => stratum(name, all, candidates));
}

function stratum(name: string, all: readonly number[], candidates: readonly LabelCandidate[]): Stratum {
  const own = all.flatMap((index) => (candidates[index] === undefined ? [] : [{ index, ...candidates[index] }]));
  const labelled = own.filter(({ label }) => label !== undefined);
  const toxic = labelled.filter(({ label }) => label === true).length;
  const scores = own.map(({ verdict }) => (verdict?.kind === 'judged' ? verdict.score : 0.5));
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  // The judge's mean score counts as two labels. It is bounded, since a judge is never certain.
  const p = (toxic + 2 * Math.min(0.95, Math.max(0.05, mean))) / (labelled.length + 2);
  const open = own
    .filter(({ label, skip }) => label === undefined && skip !== true)
    .sort((a, b) => (a.content < b.content ? -1 : 1))
    .map(({ index }) => index);
  return { name, size: own.length, labelled: labelled.length, toxic, spread: p * (1 - p), open };
}

function kindOf({ verdict, text }: LabelCandidate): string {
  const named = wordTokens(text).some(({ key }) => identityWords.has(key));
  return `${scoreKind(verdict)}, ${named ? 'names an identity' : 'names no identity'}`;
}

/** A score within 0.1 of 0 or 1 is sure. */
function scoreKind(verdict: LabelCandidate['verdict']): string {
  if (verdict?.kind !== 'judged') return 'unjudged';
  if (verdict.toxic) return verdict.score >= 0.9 ? 'surely toxic' : 'toxic, not surely';
  return verdict.score < 0.1 ? 'surely not toxic' : 'not toxic, not surely';
}

/**
 * Suggests the texts to label next, the most informative first. Each comes from the stratum whose next label
 * narrows the interval of the corrected toxicity rate most (metrics/estimates/stratifiedRate.ts). Within the
 * stratum it is drawn at random, so that the rate stays unbiased.
 */
export function labelNext(candidates: readonly LabelCandidate[], count: number): readonly Suggestion[] {
  const strata = strataOf(candidates).map((one) => ({ ...one, taken: 0 }));
  const suggestions: Suggestion[] = [];
  while (suggestions.length < count) {
    const at = nextStratum(
      strata.map(({ labelled, open, taken, spread, size }) => ({
        // A stratum without a text that can still be suggested is treated as fully labelled.
        size: taken < open.length ? size : 0,
        labelled: labelled + taken,
        spread,
      })),
    );
    const chosen = at === undefined ? undefined : strata[at];
    const index = chosen?.open[chosen.taken];
    if (chosen === undefined || index === undefined) break;
    suggestions.push({ index, reason: reasonOf(chosen) });
    chosen.taken++;
  }
  return suggestions;
}

function reasonOf({ name, size, labelled, taken }: Stratum & { readonly taken: number }): string {
  const known = labelled + taken;
  return `${name}: ${known === 0 ? 'none' : known} of ${size.toLocaleString('en')} such texts ${known === 1 ? 'is' : 'are'} labelled`;
}
