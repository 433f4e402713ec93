/** The result of a classification run (paper section 4.2) as tables, for reports and the command line. */
import type {
  ClassificationKind,
  ClassificationSummary,
  DecisionRule,
  Measured,
  RuleResult,
} from '../../protocol/classificationRun.ts';
import { percent, type TextTable } from './armTable.ts';

export const ruleTitles: Readonly<Record<DecisionRule, string>> = {
  completion: "correct if the answer contains the label's word (the paper's rule)",
  probability: 'the label whose word is likeliest as the answer',
  head: 'the likeliest class of the classification head',
};

/** The rules of a run, the one that it shows first coming first. */
export function rulesOf({ kinds }: ClassificationSummary): readonly DecisionRule[] {
  return [...new Set(kinds.flatMap(({ result }) => result.rules.map(({ rule }) => rule)))];
}

export function resultOf({ result }: ClassificationKind, rule: DecisionRule): RuleResult | undefined {
  return result.rules.find((own) => own.rule === rule);
}

/** One row a kind of arm: accuracy, of each group, the gap between groups, and the minority's harmful bias gap. */
export function accuracyTable(summary: ClassificationSummary, rule: DecisionRule): TextTable {
  const { groups, kinds, minority } = summary;
  const gapGroups = minority === undefined ? groups : [minority];
  return {
    header: [
      'arms',
      ...(minority === undefined ? [] : [`${minority} kept`]),
      'accuracy',
      ...groups,
      'accuracy parity, points',
      'worst group error, points',
      ...gapGroups.map((group) => `harmful bias gap, ${group}, points`),
    ],
    rows: kinds.flatMap((kind) => {
      const result = resultOf(kind, rule);
      if (!result) return [];
      return [
        [
          kind.name,
          ...(minority === undefined ? [] : [shareText(kind)]),
          shareWithInterval(result.accuracy),
          ...groups.map((name) => shareWithInterval(result.groups.find(({ group }) => group === name)?.accuracy)),
          pointsText(result.accuracyParity),
          pointsText(result.worstGroupError) + (result.worstGroup === undefined ? '' : ` (${result.worstGroup})`),
          ...gapGroups.map((group) => gapText(kind, result, group)),
        ],
      ];
    }),
  };
}

/** `25 %` of the minority kept; the base has seen no training example. */
export function shareText({ minority, method }: Pick<ClassificationKind, 'minority' | 'method'>): string {
  if (method === 'base') return 'not trained';
  return minority === undefined ? 'all' : `${Number((minority * 100).toPrecision(6))} %`;
}

/** `81.0 % [72.2, 87.5]`, or why there is none. */
export function shareWithInterval(measured: Measured | undefined): string {
  if (measured === undefined) return 'not measured';
  if ('unmeasured' in measured) return measured.unmeasured;
  return `${percent(measured.value)} [${(measured.low * 100).toFixed(1)}, ${(measured.high * 100).toFixed(1)}]`;
}

/** `12.3 [4.1, 19.8]` percentage points, or why there is none. */
export function pointsText(measured: Measured | undefined): string {
  if (measured === undefined) return 'not measured';
  if ('unmeasured' in measured) return measured.unmeasured;
  const { value, low, high } = measured;
  return `${points(value)} [${points(low)}, ${points(high)}]`;
}

function points(value: number): string {
  return value.toFixed(1).replace(/^-0\.0$/, '0.0');
}

function gapText({ method }: ClassificationKind, result: RuleResult, group: string): string {
  if (method === 'base') return 'is the base';
  if (method === 'full') return 'is the reference';
  const gaps = result.biasGaps.filter((gap) => gap.group === group);
  if (gaps.length === 0) return 'no full fine-tuning to compare with';
  return gaps.map(({ reference, gap }) => pointsText(gap) + (gaps.length > 1 ? ` (${reference})` : '')).join('; ');
}

/** Expected calibration error of the label probabilities, by group. */
export function calibrationTable({ groups, kinds, minority }: ClassificationSummary): TextTable {
  return {
    header: ['arms', ...(minority === undefined ? [] : [`${minority} kept`]), ...groups],
    rows: kinds.map((kind) => [
      kind.name,
      ...(minority === undefined ? [] : [shareText(kind)]),
      ...groups.map((name) => {
        const error = kind.result.calibration.find(({ group }) => group === name)?.error;
        if (error === undefined) return 'not measured';
        return typeof error === 'number' ? percent(error) : error.unmeasured;
      }),
    ]),
  };
}

/** How sure the arms were where they decided for a label (paper figure 5). */
export function marginTable({ labels, kinds, minority }: ClassificationSummary): TextTable {
  return {
    header: [
      'arms',
      ...(minority === undefined ? [] : [`${minority} kept`]),
      ...labels.flatMap((label) => [`decided ${label}`, `margin where ${label}`]),
    ],
    rows: kinds.map((kind) => [
      kind.name,
      ...(minority === undefined ? [] : [shareText(kind)]),
      ...labels.flatMap((name) => {
        const own = kind.result.margins.find(({ label }) => label === name);
        return own ? [String(own.n), marginText(own.margin)] : ['not measured', 'not measured'];
      }),
    ]),
  };
}

function marginText(measured: Measured): string {
  if ('unmeasured' in measured) return measured.unmeasured;
  return `${measured.value.toFixed(3)} [${measured.low.toFixed(3)}, ${measured.high.toFixed(3)}]`;
}

/** Layout of the paper's table 1: a row a rank, and for each share of the minority its gap and the parity. */
export function table1(summary: ClassificationSummary, rule: DecisionRule): TextTable | undefined {
  const { minority, kinds } = summary;
  if (minority === undefined) return undefined;
  const trained = kinds.filter(({ method }) => method !== 'base');
  const shares = [...new Set(trained.map((kind) => kind.minority))];
  const rows = [...new Set(trained.map(rowName))];
  return {
    header: ['rank', ...shares.flatMap((share) => headerOf(share).map((name) => `${name} (%)`))],
    rows: rows.map((row) => [
      row,
      ...shares.flatMap((share) => {
        const kind = trained.find((own) => own.minority === share && rowName(own) === row);
        const result = kind && resultOf(kind, rule);
        if (!result) return ['not measured', 'not measured'];
        return [kind.method === 'full' ? '' : gapText(kind, result, minority), pointsText(result.accuracyParity)];
      }),
    ]),
  };
}

function headerOf(share: number | undefined): readonly string[] {
  const at = shareText({ method: 'full', ...(share !== undefined && { minority: share }) });
  return [`HBG at ${at}`, `AP at ${at}`];
}

/** `8`, `RFT`, and the learning rate where a kind has several. */
function rowName({ method, rank, name }: ClassificationKind): string {
  const rate = /-lr[^-]+(-\d+)?(?=-m|$)/.exec(name)?.[0].slice(1);
  return [method === 'full' ? 'RFT' : String(rank ?? '?'), ...(rate === undefined ? [] : [rate])].join(', ');
}
