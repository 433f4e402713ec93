/** The paper's claims that a reproduction puts to the test, each decided by the intervals of a run, or left undecided. */
import type { ClassificationKind, ClassificationSummary, DecisionRule } from '../../protocol/classificationRun.ts';
import { isMeasured, measuredOf, type Estimate } from '../../protocol/estimate.ts';
import type { ArmMetrics } from '../../protocol/run.ts';
import { notMeasured, percent } from '../../measures/format.ts';
import { rulesOf, shareText } from '../../measures/kindTable.ts';
import { english } from '../../measures/say.ts';
import type { TextTable } from '../../measures/textTable.ts';
import { estimateText, type Unit } from '../../measures/units.ts';
import { resultOf } from '../tables/classificationTables.ts';
import { compareIntervals, compareWith, magnitude, type Comparison } from '../data/compareIntervals.ts';

type Verdict = 'seen' | 'not seen' | 'undecided';

export interface Claim {
  /** What the paper says, and where. */
  readonly claim: string;
  readonly verdict: Verdict;
  /** The numbers it rests on. */
  readonly because: string;
}

/** `above` is what the claim expects. */
const verdictOf: Readonly<Record<Comparison, Verdict>> = { above: 'seen', below: 'not seen', unclear: 'undecided' };

/** Several looks at one claim: they must not contradict each other, and one at least must be decided. */
function together(comparisons: readonly Comparison[]): Verdict {
  const seen = comparisons.includes('above');
  const not = comparisons.includes('below');
  return seen === not ? 'undecided' : seen ? 'seen' : 'not seen';
}

/** A claim about all of them: one counterexample refutes it. */
function ofAll(comparisons: readonly Comparison[]): Verdict {
  if (comparisons.includes('below')) return 'not seen';
  return comparisons.length > 0 && comparisons.every((each) => each === 'above') ? 'seen' : 'undecided';
}

interface AtShare {
  readonly share: string;
  readonly value: number;
  /** LoRA kinds, ascending in rank. */
  readonly lora: readonly ClassificationKind[];
  readonly full: ClassificationKind | undefined;
}

/** Kinds by share of the minority, the rarest first; the first learning rate of each. */
function byShare({ kinds }: ClassificationSummary): readonly AtShare[] {
  const shares = [...new Set(kinds.filter(({ method }) => method !== 'base').map(({ minority }) => minority ?? 1))];
  return shares
    .sort((a, b) => a - b)
    .map((value) => {
      const own = kinds.filter(({ method, minority }) => method !== 'base' && (minority ?? 1) === value);
      const lora = own.filter(({ method }) => method === 'lora').sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
      return {
        share: shareText({ method: 'full', minority: value }),
        value,
        lora: lora.filter(({ rank }, i) => lora.findIndex((other) => other.rank === rank) === i),
        full: own.find(({ method }) => method === 'full'),
      };
    });
}

const written = (estimate: Estimate | undefined, unit: Unit): string => estimateText(estimate, unit, english);

type Read = (kind: ClassificationKind | undefined) => Estimate | undefined;

export function table1Claims(summary: ClassificationSummary, rule: DecisionRule): readonly Claim[] {
  const gap: Read = (kind) =>
    kind && resultOf(kind, rule)?.biasGaps.find(({ group }) => group === summary.minority)?.gap;
  const parity = parityOf(rule);
  const shares = byShare(summary);
  const lowest = ({ lora }: AtShare) => lora[0];
  const highest = ({ lora }: AtShare) => lora.at(-1);
  return [
    {
      claim: "The minority's harmful bias gap falls, in magnitude, as the rank grows (table 1, section 4.2).",
      verdict: together(shares.map((at) => compareIntervals(magnitude(gap(lowest(at))), magnitude(gap(highest(at)))))),
      because: `${pairs(shares, gap, lowest, highest)} Below 0 the arm is more accurate on the minority than full fine-tuning.`,
    },
    {
      claim:
        'Accuracy parity aligns with full fine-tuning as the rank grows: the lowest rank has the larger gap (table 1).',
      verdict: together(shares.map((at) => compareIntervals(parity(lowest(at)), parity(at.full)))),
      because: pairs(shares, parity, lowest, ({ full }) => full),
    },
  ];
}

function parityOf(rule: DecisionRule): Read {
  return (kind) => kind && resultOf(kind, rule)?.accuracyParity;
}

function pairs(
  shares: readonly AtShare[],
  read: Read,
  left: (at: AtShare) => ClassificationKind | undefined,
  right: (at: AtShare) => ClassificationKind | undefined,
): string {
  const text = (kind: ClassificationKind | undefined) =>
    kind ? `${kind.name} ${written(read(kind), 'points')}` : 'no such arm';
  return `Points: ${shares.map((at) => `${text(left(at))} against ${text(right(at))}`).join('; ')}.`;
}

export function figure4Claims(summary: ClassificationSummary, rule: DecisionRule): readonly Claim[] {
  const shares = byShare(summary);
  const [rarest] = shares;
  const commonest = shares.at(-1);
  if (!rarest || !commonest) return [];
  const parity = parityOf(rule);
  const all = ({ lora, full }: AtShare) => [...lora, ...(full ? [full] : [])];
  const accuracy = (kind: ClassificationKind, isMinority: boolean) =>
    resultOf(kind, rule)?.groups.find(({ group }) => (group === summary.minority) === isMinority)?.accuracy;
  const counterpart = (kind: ClassificationKind) =>
    all(commonest).find(({ method, rank }) => method === kind.method && rank === kind.rank);
  return [
    {
      claim: 'The underrepresented group is misclassified more than the majority (figure 4).',
      verdict: together(all(rarest).map((kind) => compareIntervals(accuracy(kind, false), accuracy(kind, true)))),
      because: `With ${rarest.share}: ${all(rarest)
        .map((k) => `${k.name} ${written(accuracy(k, true), 'share')} against ${written(accuracy(k, false), 'share')}`)
        .join('; ')}.`,
    },
    ...(rarest === commonest
      ? []
      : [
          {
            claim: 'The gap between the groups grows as the minority gets rarer (figures 4, 7 and 8).',
            verdict: together(all(rarest).map((kind) => compareIntervals(parity(kind), parity(counterpart(kind))))),
            because: `Points with ${rarest.share} against ${commonest.share}: ${all(rarest)
              .map(
                (kind) =>
                  `${kind.name} ${written(parity(kind), 'points')} against ${written(parity(counterpart(kind)), 'points')}`,
              )
              .join('; ')}.`,
          },
        ]),
    {
      claim: 'Lower ranks have the higher accuracy gap: the lowest rank against full fine-tuning (figure 4).',
      verdict: verdictOf[compareIntervals(parity(rarest.lora[0]), parity(rarest.full))],
      because: pairs(
        [rarest],
        parity,
        ({ lora }) => lora[0],
        ({ full }) => full,
      ),
    },
  ];
}

/** The paper shows the decisions for the positive class; ours is the last of the labels. */
export function figure5Claims(summary: ClassificationSummary): readonly Claim[] {
  const label = summary.labels.at(-1);
  const at = byShare(summary).at(-1);
  const margin: Read = (kind) => kind?.result.margins.find((own) => own.label === label)?.margin;
  const [low, high] = [at?.lora[0], at?.lora.at(-1)];
  const text = (kind: ClassificationKind | undefined) => {
    const own = margin(kind);
    if (!kind || !own) return 'no such arm';
    return `${kind.name} ${written(own, 'plain')}`;
  };
  return [
    {
      claim: 'The margin between the decisions grows with the rank (figure 5).',
      verdict: verdictOf[compareIntervals(margin(high), margin(low))],
      because: `Mean margin where "${label ?? ''}" was decided: ${text(high)} against ${text(low)}.`,
    },
  ];
}

/** The rule that a run shows first. */
export function firstRule(summary: ClassificationSummary): DecisionRule {
  return rulesOf(summary)[0] ?? 'probability';
}

export function figure2Claims(arms: readonly ArmMetrics[]): readonly Claim[] {
  const base = arms.find(({ method }) => method === 'base');
  const full = arms.find(({ method }) => method === 'full');
  const lora = loraByRank(arms);
  const [lowest] = lora;
  const versus = (arm: ArmMetrics | undefined, reference: string): Estimate | undefined =>
    arm?.toxicityVersus?.find((own) => own.reference === reference || own.reference.startsWith(`${reference}-`))
      ?.difference;
  const baseRate = measuredOf(base?.toxicity)?.value;
  const half = (baseRate ?? 0) / 2;
  return [
    {
      claim: 'Low ranks keep toxicity that full fine-tuning removes: the lowest rank is more toxic than it (figure 2).',
      verdict: verdictOf[compareWith(versus(lowest, 'full'), 0)],
      because: `${lowest?.id ?? 'no rank'} minus full: ${differenceText(versus(lowest, 'full'))}.`,
    },
    {
      claim: 'The lowest rank retains the toxic behaviour of the original model (figure 2).',
      verdict: retained(versus(lowest, 'base')),
      because: `${lowest?.id ?? 'no rank'} minus base: ${differenceText(versus(lowest, 'base'))}. An interval around 0 does not prove that nothing changed.`,
    },
    {
      claim: 'Full fine-tuning neutralises the majority of the harmful completions (figure 2).',
      verdict: baseRate === undefined ? 'undecided' : verdictOf[compareWith(below(half, full), 0)],
      because: `Base ${baseRate === undefined ? notMeasured : percent(baseRate)}, full ${written(full?.toxicity, 'share')}.`,
    },
  ];
}

/** A rank that is less toxic than the base beyond the interval does not retain all of it. */
function retained(difference: Estimate | undefined): Verdict {
  return compareWith(difference, 0) === 'below' ? 'not seen' : 'undecided';
}

/** How far an arm's toxicity lies below a rate. */
function below(rate: number, arm: ArmMetrics | undefined): Estimate | undefined {
  const { value, low, high } = measuredOf(arm?.toxicity) ?? {};
  if (value === undefined || low === undefined || high === undefined) return undefined;
  return { value: rate - value, low: rate - high, high: rate - low };
}

function differenceText(difference: Estimate | undefined): string {
  const text = written(difference, 'shareDifference');
  return difference !== undefined && isMeasured(difference) ? `${text} points` : text;
}

export function figure6Claims(arms: readonly ArmMetrics[]): readonly Claim[] {
  const lora = loraByRank(arms);
  const full = arms.find(({ method }) => method === 'full');
  const text = (arm: ArmMetrics | undefined): string => {
    const kl = distanceOf(arm);
    return arm && kl ? `${arm.id} ${written(kl, 'nats')}` : 'no such arm';
  };
  return [
    {
      claim: 'The divergence from the base falls with the rank (figure 6).',
      verdict: verdictOf[compareIntervals(distanceOf(lora.at(-1)), distanceOf(lora[0]))],
      because: `Nats: ${text(lora.at(-1))} against ${text(lora[0])}.`,
    },
    {
      claim: 'Full fine-tuning diverges more than any low rank (figure 6).',
      verdict: ofAll(lora.map((arm) => compareIntervals(distanceOf(full), distanceOf(arm)))),
      because: `Nats: ${text(full)} against ${lora.map(text).join(', ')}.`,
    },
  ];
}

/** KL from the base over all positions, or, in a run that did not measure it there, over the token after each prompt. */
function distanceOf(arm: ArmMetrics | undefined): Estimate | undefined {
  return arm?.klAll ?? arm?.kl;
}

/** LoRA arms that have a result, ascending in rank, one a rank: the first seed and learning rate. */
function loraByRank(arms: readonly ArmMetrics[]): readonly ArmMetrics[] {
  const lora = arms.filter(({ method, failure }) => method === 'lora' && failure === undefined);
  const sorted = [...lora].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  return sorted.filter(({ rank }, i) => sorted.findIndex((other) => other.rank === rank) === i);
}

/** What became of the paper's claims in a run. */
export function claimTable(claims: readonly Claim[]): TextTable {
  return {
    header: ["the paper's claim", 'in this run', 'because'],
    rows: claims.map(({ claim, verdict, because }) => [claim, verdict, because]),
  };
}
