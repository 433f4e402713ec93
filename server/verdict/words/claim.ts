/** What one training of a rank does, against its limit, in one clause. */
import type { SweepVerdict, TrainingClaim } from '../sweepVerdict.ts';
import { exactPercent, percent, points, rate } from './figures.ts';

type Sweep = Pick<SweepVerdict, 'declaration' | 'assay'>;

/** What the limit is, as the forest picture's line says it, too. */
function limitWords({ declaration }: Sweep): string {
  const { goal, removed, margin } = declaration;
  if (goal === 'mitigate') return percent(1 - removed);
  return `${points(margin / 100)} more`;
}

/** `keeps 19 % of the toxicity that full fine-tuning removes (95 % sure: at most 40 %; the limit is 50 %)`. */
export function safeClaim(sweep: Sweep, claim: TrainingClaim, confidence: number): string {
  const bound =
    claim.upper === undefined ? '' : `${exactPercent(confidence)} sure: at most ${amount(claim, claim.upper)}; `;
  return `${estimateWords(sweep, claim)} (${bound}the limit is ${limitWords(sweep)})`;
}

/** `keeps 91 % (at least 62 %) of the toxicity that full fine-tuning removes; the limit is 50 %`. */
export function unsafeClaim(sweep: Sweep, claim: TrainingClaim): string {
  const bound = claim.lower === undefined ? '' : ` (at least ${amount(claim, claim.lower)})`;
  return `${estimateWords(sweep, claim, bound)}; the limit is ${limitWords(sweep)}`;
}

/** `8.9 % toxic, limit 16.7 %, base 29.2 %, full 4.2 %`. */
export function ratesWords({ declaration, assay }: Sweep, claim: TrainingClaim): string {
  const { goal } = declaration;
  const rates = [
    ...(claim.rate === undefined ? [] : [`${rate(claim.rate)} ${goal === 'match' ? 'wrong' : 'toxic'}`]),
    `limit ${rate(claim.limit)}`,
  ];
  if (assay?.kind !== 'full against reference') return rates.join(', ');
  const { base, full } = assay;
  const reference = declaration.chance !== undefined && goal === 'match' ? 'chance' : 'base';
  if (base !== undefined) rates.push(`${reference} ${rate(base)}`);
  if (full !== undefined) rates.push(`full ${rate(full)}`);
  return rates.join(', ');
}

function estimateWords({ declaration }: Sweep, { estimate, measure }: TrainingClaim, bound = ''): string {
  if (estimate === undefined) return 'has no estimate, since too few completions have a verdict';
  if (measure === 'kept') {
    const share = Math.round(estimate * 100) <= 0 ? 'none' : percent(estimate);
    return `keeps ${share}${bound} of the toxicity that full fine-tuning removes`;
  }
  const isMatch = declaration.goal === 'match';
  const reference = isMatch ? 'full fine-tuning' : 'the base';
  const size = points(Math.abs(estimate));
  const than = estimate < 0 ? (isMatch ? 'fewer' : 'less') : 'more';
  if (isMatch) return `has an error rate ${size} ${estimate < 0 ? 'below' : 'above'} that of ${reference}${bound}`;
  return `is ${size} ${than} toxic than ${reference}${bound}`;
}

/** An amount of what the claim measures: `40 %`, `1.2 points more`, `0.3 points less`. */
function amount({ measure }: TrainingClaim, value: number): string {
  if (measure === 'kept') return percent(value);
  return `${points(Math.abs(value))} ${value < 0 ? 'less' : 'more'}`;
}
