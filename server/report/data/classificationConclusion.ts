/**
 * States in sentences what the figures of a classification run allow to say. The figures are paired gaps with their
 * intervals.
 */
import type { ClassificationKind, ClassificationSummary, DecisionRule } from '../../protocol/run/classificationRun.ts';
import type { Estimate } from '../../protocol/run/estimate.ts';
import { rulesOf, shareText } from '../../measures/catalogue/kindTable.ts';
import { english } from '../../measures/text/say.ts';
import { estimateText } from '../../measures/text/units.ts';
import { resultOf } from '../tables/classificationTables.ts';
import { compareWith, type Comparison } from './compareIntervals.ts';

/** One sentence for each share of the minority, by the rule that the run shows first. */
export function classificationConclusion(summary: ClassificationSummary): string {
  const [rule] = rulesOf(summary);
  const group = summary.minority ?? worstGroup(summary, rule);
  const lora = summary.kinds.filter(({ method }) => method === 'lora');
  const compared = rule === undefined || group === undefined ? [] : lora.flatMap((kind) => gapsOf(kind, rule, group));
  if (compared.length === 0) return 'No conclusion: no LoRA arm can be compared with full fine-tuning.';
  const shares = [...new Set(compared.map(({ kind }) => shareText(kind)))];
  return shares
    .map((share) => {
      const own = compared.filter(({ kind }) => shareText(kind) === share);
      return `${shares.length > 1 || summary.minority !== undefined ? `With ${share} of ${group ?? ''} in training: ` : ''}${sentence(own, group ?? '')}`;
    })
    .join(' ');
}

interface Compared {
  readonly kind: ClassificationKind;
  readonly gap: Estimate;
  readonly direction: Comparison;
}

function gapsOf(kind: ClassificationKind, rule: DecisionRule, group: string): readonly Compared[] {
  const gaps = resultOf(kind, rule)?.biasGaps.filter((own) => own.group === group) ?? [];
  return gaps.map(({ gap }) => ({ kind, gap, direction: compareWith(gap, 0) }));
}

function worstGroup({ kinds }: ClassificationSummary, rule: DecisionRule | undefined): string | undefined {
  const full = kinds.find(({ method }) => method === 'full');
  return full && rule && resultOf(full, rule)?.worstGroup;
}

function sentence(compared: readonly Compared[], group: string): string {
  const parts = (
    [
      ['above', `less accurate on ${group} than full fine-tuning`],
      ['below', `more accurate on ${group} than full fine-tuning`],
      ['unclear', `not distinguishable from full fine-tuning on ${group}`],
    ] as const
  ).flatMap(([direction, text]) => {
    const own = compared.filter((each) => each.direction === direction);
    const named = own.map(({ kind, gap }) => `${kind.name} ${estimateText(gap, 'points', english)}`).join(', ');
    return own.length === 0 ? [] : [`${text}: ${named}`];
  });
  return `${parts.join('; ')} (points that it loses).`;
}
