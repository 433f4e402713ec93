/** Tables in the layout of the paper's table 1. */
import type {
  ClassificationKind,
  ClassificationSummary,
  DecisionRule,
  RuleResult,
} from '../../protocol/run/classificationRun.ts';
import type { Measure } from '../../measures/catalogue/measure.ts';
import { ruleMeasures } from '../../measures/catalogue/decisionMeasures.ts';
import { shapeOf, shareText } from '../../measures/catalogue/kindTable.ts';
import { cellText } from '../../measures/catalogue/measureTable.ts';
import { english } from '../../measures/text/say.ts';
import type { TextTable } from '../../measures/text/textTable.ts';

export function resultOf({ result }: ClassificationKind, rule: DecisionRule): RuleResult | undefined {
  return result.rules.find((own) => own.rule === rule);
}

/** A row for each rank, with its harmful bias gap and accuracy parity at each share of the minority. */
export function table1(summary: ClassificationSummary, rule: DecisionRule): TextTable | undefined {
  const { minority, kinds } = summary;
  if (minority === undefined) return undefined;
  const trained = kinds.filter(({ method }) => method !== 'base');
  const shares = [...new Set(trained.map((kind) => kind.minority))];
  const rows = [...new Set(trained.map(rowName))];
  const measures = ruleMeasures(rule, shapeOf(summary));
  const text = (kind: ClassificationKind, key: string): string => {
    const measure = measures.find((own) => own.key === `${rule}.${key}`);
    return measure ? cellText(measure as Measure<Source>, { ...kind.result, method: kind.method }, english) : '';
  };
  return {
    header: ['rank', ...shares.flatMap((share) => headerOf(share).map((name) => `${name} (%)`))],
    rows: rows.map((row) => [
      row,
      ...shares.flatMap((share) => {
        const kind = trained.find((own) => own.minority === share && rowName(own) === row);
        if (!kind || !resultOf(kind, rule)) return ['not measured', 'not measured'];
        return [kind.method === 'full' ? '' : text(kind, `biasGap.${minority}`), text(kind, 'accuracyParity')];
      }),
    ]),
  };
}

type Source = ClassificationKind['result'] & Pick<ClassificationKind, 'method'>;

function headerOf(share: number | undefined): readonly string[] {
  const at = shareText({ method: 'full', ...(share !== undefined && { minority: share }) });
  return [`HBG at ${at}`, `AP at ${at}`];
}

/** Name of a row: `8`, `RFT`, and the learning rate where a rank has several. */
function rowName({ method, rank, name }: ClassificationKind): string {
  const rate = /-lr[^-]+(-\d+)?(?=-m|$)/.exec(name)?.[0].slice(1);
  return [method === 'full' ? 'RFT' : String(rank ?? '?'), ...(rate === undefined ? [] : [rate])].join(', ');
}
