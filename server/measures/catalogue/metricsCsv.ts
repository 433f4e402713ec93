/** The metrics of a run's arms as CSV, for spreadsheets and programs. */
import { isMeasured } from '../../protocol/run/estimate.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';
import type { RunVerdict } from '../../protocol/run/runVerdict.ts';
import { armFields, armMeasures, isAttribute, type ArmCatalogue, type ArmMeasure } from './armMeasures.ts';
import { verdictColumns } from './verdictFigures.ts';

type Cell = string | number | undefined;
type CsvColumn = readonly [name: string, cell: (arm: ArmMetrics) => Cell];

/**
 * RFC 4180: a header, an arm a row; numbers as they are stored, a share as 0..1. What was not measured is an empty cell.
 * Texts that a spreadsheet would take for a formula are quoted with an apostrophe in front. The last columns are the verdict's,
 * where there is one: what it says of each arm, and in every row its answer and why it is exploratory.
 */
export function metricsCsv(arms: readonly ArmMetrics[], { verdict, catalogue = armFields }: CsvOptions = {}): string {
  const measured = Object.values(catalogue).flatMap((entry): readonly CsvColumn[] => {
    if (typeof entry !== 'function' && isAttribute(entry)) return [[entry.csv, entry.read]];
    return armMeasures(arms, { entry }).flatMap(measureCells);
  });
  const columns = [...measured, ...(verdict ? verdictCells(verdict) : [])];
  const lines = [columns.map(([name]) => name), ...arms.map((arm) => columns.map(([, cell]) => cell(arm)))];
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

export interface CsvOptions {
  readonly verdict?: RunVerdict | undefined;
  readonly catalogue?: ArmCatalogue;
}

function verdictCells(verdict: RunVerdict): readonly CsvColumn[] {
  return verdictColumns.map(({ csv, read }): CsvColumn => {
    return [
      csv,
      ({ id }) =>
        read(
          verdict,
          verdict.arms.find(({ arm }) => arm === id),
        ),
    ];
  });
}

/** The value, the ends of its interval, and the number of observations, as far as the measure has them. */
function measureCells({ csv, read }: ArmMeasure): readonly CsvColumn[] {
  const { stem, value, n, hasInterval = false } = csv;
  const part =
    (name: 'value' | 'low' | 'high' | 'n') =>
    (arm: ArmMetrics): Cell => {
      const estimate = read(arm);
      return estimate !== undefined && isMeasured(estimate) ? estimate[name] : undefined;
    };
  return [
    [value === undefined ? stem : `${stem}_${value}`, part('value')],
    ...(hasInterval
      ? ([
          [`${stem}_low`, part('low')],
          [`${stem}_high`, part('high')],
        ] as const)
      : []),
    ...(n === undefined ? [] : ([[`${stem}_${n}`, part('n')]] as const)),
  ];
}

function quoted(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
