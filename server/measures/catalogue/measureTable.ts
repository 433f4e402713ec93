/** Tables of measures: a row an arm, a column a measure. */
import type { ArmMethod } from '../../protocol/run/armMethod.ts';
import { isMeasured } from '../../protocol/run/estimate.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';
import { armFields, presentMeasures, type ArmCatalogue } from './armMeasures.ts';
import type { Measure } from './measure.ts';
import { english, sayText, type Say } from '../text/say.ts';
import type { TextTable } from '../text/textTable.ts';
import { estimateText, intervalText, unitForm } from '../text/units.ts';

/** A column of a table over arms, or over whatever rows are. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
}

export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): TextTable {
  return {
    header: columns.map(({ heading }) => heading),
    rows: rows.map((row) => columns.map(({ cell }) => cell(row))),
  };
}

/** A row whose method, where it has one, says which figures it has none of by its nature. */
type Subject = object & { readonly method?: ArmMethod };

/** The columns of a measure: its value with its interval, or one for each where the interval stands apart. */
export function measureColumns<Source extends Subject>(measure: Measure<Source>, say: Say): readonly Column<Source>[] {
  const { read, unit, interval } = measure;
  const heading = headingOf(measure, say);
  if (interval !== 'apart') return [{ heading, cell: (row) => cellText(measure, row, say) }];
  const alone = (row: Source): string => {
    const estimate = read(row);
    return estimate !== undefined && isMeasured(estimate)
      ? unitForm(unit).write(estimate.value)
      : cellText(measure, row, say);
  };
  return [
    { heading, cell: alone },
    { heading: say('95 % interval'), cell: (row) => intervalText(read(row), unit, say) },
  ];
}

/** `KL from base, nats`. */
export function headingOf({ title, unit }: Pick<Measure<never>, 'title' | 'unit'>, say: Say): string {
  return say(unitForm(unit).heading, sayText(title, say));
}

/** The figure with its interval and remark; or why there is none. */
export function cellText<Source extends Subject>(measure: Measure<Source>, row: Source, say: Say): string {
  const { read, unit, absence, remark } = measure;
  const estimate = read(row);
  if (estimate === undefined) {
    const instead = row.method && absence?.[row.method];
    if (instead !== undefined) return say(instead);
  }
  const text = estimateText(estimate, unit, say);
  const said = remark?.(row);
  return said === undefined ? text : `${text} (${said})`;
}

export interface ArmTableOptions {
  readonly say?: Say;
  readonly catalogue?: ArmCatalogue;
  /** Takes the place of the columns of paired differences: what is compared with another baseline. */
  readonly differences?: readonly Column<ArmMetrics>[];
}

/** A row an arm: every measure that any of them has, and why an arm has no result. */
export function armTable(arms: readonly ArmMetrics[], options: ArmTableOptions = {}): TextTable {
  return tableOf(arms, armColumns(arms, options));
}

function armColumns(
  arms: readonly ArmMetrics[],
  { say = english, catalogue = armFields, differences }: ArmTableOptions = {},
): readonly Column<ArmMetrics>[] {
  const measures = presentMeasures(arms, catalogue).filter(
    ({ reference, isDetail = false }) => !isDetail && (!differences || reference === undefined),
  );
  return [
    { heading: say('arm'), cell: ({ id }) => id },
    ...measures.flatMap((measure): readonly Column<ArmMetrics>[] => {
      const own = measureColumns<ArmMetrics>(measure, say);
      return differences && measure.key === 'toxicity' ? [...own, ...differences] : own;
    }),
    ...(arms.some(({ failure }) => failure !== undefined)
      ? [{ heading: say('no result because'), cell: ({ failure = '' }: ArmMetrics) => failure }]
      : []),
  ];
}
