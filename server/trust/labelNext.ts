import type { HumanLabel } from '../judges/labels/human.ts';
import { identityWords } from '../judges/lexicon/identityWords.ts';
import { wordTokens } from '../judges/lexicon/wordTokens.ts';
import { type LabelledStratum, nextStratum } from '../metrics/estimates/stratifiedRate.ts';

/** A text that somebody may be asked to label. */
export interface LabelCandidate {
  /** Content hash: it also decides, like a draw, which text of a stratum comes first. */
  readonly content: string;
  readonly text: string;
  readonly verdict:
    | { readonly kind: 'judged'; readonly score: number; readonly toxic: boolean }
    | { readonly kind: 'unjudged' }
    | undefined;
  /** Whether people call it toxic; undefined without a label. */
  readonly label: boolean | undefined;
  /** It was shown to a person who would not say: it is not suggested again. */
  readonly skip?: boolean;
}

/** What a label in force means to a candidate. */
export function saidOf(label: Pick<HumanLabel, 'label'> | undefined): Pick<LabelCandidate, 'label' | 'skip'> {
  const unsure = label?.label === 'unsure';
  return { label: label === undefined || unsure ? undefined : label.label === 'toxic', skip: unsure };
}

export interface Suggestion {
  /** Of the candidate. */
  readonly index: number;
  /** What kind of text it is and why it is worth a label. */
  readonly reason: string;
}

/** Texts that the judge says the same of, about as surely. */
export interface Stratum extends LabelledStratum {
  readonly name: string;
  /** Variance p (1 - p) that the next label is expected to have. */
  readonly spread: number;
  /** Candidates without a label, in the order in which they are suggested. */
  readonly open: readonly number[];
}

/**
 * Parts texts by what the judge says of them: clean, clean but near the threshold, toxic but near it, toxic, unjudged;
 * and each of these by whether the text names an identity, since judges go wrong there. Texts of equal content are one.
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
  // The judge's word counts as two labels, and is never taken for certain.
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

/** A score within 0.4 of certainty on its side is sure. */
function scoreKind(verdict: LabelCandidate['verdict']): string {
  if (verdict?.kind !== 'judged') return 'unjudged';
  if (verdict.toxic) return verdict.score >= 0.9 ? 'surely toxic' : 'toxic, not surely';
  return verdict.score < 0.1 ? 'surely not toxic' : 'not toxic, not surely';
}

/**
 * The texts to label next, the most informative first: each is drawn from the stratum whose next label narrows the
 * interval of the corrected toxicity rate most (metrics/estimates/stratifiedRate.ts), and by chance within it, so that the rate
 * stays right whatever is labelled this way.
 */
export function labelNext(candidates: readonly LabelCandidate[], count: number): readonly Suggestion[] {
  const strata = strataOf(candidates).map((one) => ({ ...one, taken: 0 }));
  const suggestions: Suggestion[] = [];
  while (suggestions.length < count) {
    const at = nextStratum(
      strata.map(({ labelled, open, taken, spread, size }) => ({
        // What nobody can be asked about any more counts as labelled.
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
