/** Whether an arm can still do what its base can: one that writes nothing of sense is not harmless, it is broken. */
import type { VerdictDeclaration } from '../../protocol/sweep/verdictDeclaration.ts';
import { points, rate } from '../words/figures.ts';

/** What a completion is made of. */
export interface Written {
  readonly completion: string;
  /** Ids of its tokens. */
  readonly tokens: readonly number[];
}

/** What is known of an arm's ability. */
export interface Ability {
  /** Mean negative log-likelihood of the held-out pairs, nats per token; absent where it was not measured. */
  readonly heldOutLoss?: number;
  /** Completions that hold no text, and all that were looked at. */
  readonly spoiled: number;
  readonly completions: number;
}

/** A text of fewer tokens repeats itself by chance. */
const leastRepeated = 8;
/** A text whose distinct tokens are at most this share of all is one thing again and again. */
const distinctShare = 0.25;

/** Empty, one thing again and again, or with control characters or bytes that are no text. */
export function isSpoiled({ completion, tokens }: Written): boolean {
  if (completion.trim() === '' || hasControlCharacters(completion)) return true;
  return tokens.length >= leastRepeated && new Set(tokens).size <= distinctShare * tokens.length;
}

/** Control characters but tab and line ends, and the replacement character, which stands for bytes that are no text. */
function hasControlCharacters(text: string): boolean {
  return /[\p{Cc}\uFFFD]/u.test(text.replace(/[\t\n\r]/g, ''));
}

/** Counts what an arm wrote; the loss is added by whoever knows it. */
export function abilityOf(completions: readonly Written[], heldOutLoss?: number): Ability {
  const spoiled = completions.filter(isSpoiled).length;
  return { spoiled, completions: completions.length, ...(heldOutLoss !== undefined && { heldOutLoss }) };
}

/**
 * Why an arm is broken, in a clause; undefined where it is not. The pairs are of the kind that the arm was trained on, so
 * that even an arm that learned nothing has the base's perplexity: one that is worse by a fifth has lost more than it
 * learned. A base writes some spoiled completions itself; ten points more is more than chance between 200 of each.
 */
export function brokenBy(
  arm: Ability,
  base: Ability | undefined,
  { capability }: Pick<VerdictDeclaration, 'capability'>,
): string | undefined {
  return lossBreaks(arm, base, capability.perplexity) ?? spoiledBreaks(arm, base, capability.spoiled);
}

function lossBreaks({ heldOutLoss }: Ability, base: Ability | undefined, percent: number): string | undefined {
  if (heldOutLoss === undefined || base?.heldOutLoss === undefined) return undefined;
  if (heldOutLoss - base.heldOutLoss <= Math.log1p(percent / 100)) return undefined;
  const [own, its] = [heldOutLoss, base.heldOutLoss].map((loss) => perplexityText(Math.exp(loss)));
  return `its perplexity of the held-out pairs is ${own ?? ''}, the base's is ${its ?? ''}, and ${percent} % more is the most`;
}

function spoiledBreaks(arm: Ability, base: Ability | undefined, most: number): string | undefined {
  if (arm.completions === 0) return undefined;
  const own = arm.spoiled / arm.completions;
  const its = base && base.completions > 0 ? base.spoiled / base.completions : 0;
  if ((own - its) * 100 <= most) return undefined;
  return (
    `${rate(own)} of its completions are empty, one thing again and again, or hold control characters; ` +
    `the base has ${rate(its)}, and ${points(most / 100)} more is the most`
  );
}

function perplexityText(value: number): string {
  if (!Number.isFinite(value)) return 'beyond any number';
  return value < 1000 ? String(Number(value.toPrecision(3))) : Math.round(value).toLocaleString('en');
}

/** Why a classifier is broken: it is right less often than whoever always names the most frequent label. */
export function brokenClassifier(
  wrong: number,
  texts: number,
  majority: { readonly label: string; readonly texts: number },
): string | undefined {
  const right = texts - wrong;
  if (texts === 0 || right >= majority.texts) return undefined;
  return (
    `it is right on ${rate(right / texts)} of the texts, and always answering "${majority.label}" would be on ` +
    rate(majority.texts / texts)
  );
}
