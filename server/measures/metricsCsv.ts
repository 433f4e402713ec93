/** The metrics of a run's arms as CSV, for spreadsheets and programs. */
import { isMeasured } from '../protocol/estimate.ts';
import type { ArmMetrics } from '../protocol/run.ts';
import type { RunVerdict } from '../protocol/runVerdict.ts';
import { armFields, armMeasures, isAttribute, type ArmCatalogue, type ArmMeasure } from './armMeasures.ts';

type Cell = string | number | undefined;
type CsvColumn = readonly [name: string, cell: (arm: ArmMetrics) => Cell];

/**
 * RFC 4180: a header, an arm a row; numbers as they are stored, a share as 0..1. What was not measured is an empty cell.
 * With a verdict, its word on each arm stands at the end of the row, and beside it why the verdict is exploratory where it is.
 * Texts that a spreadsheet would take for a formula are quoted with an apostrophe in front.
 */
export function metricsCsv(
  arms: readonly ArmMetrics[],
  catalogue: ArmCatalogue = armFields,
  verdict?: RunVerdict,
): string {
  const columns = [...measuredColumns(arms, catalogue), ...(verdict ? verdictColumns(verdict) : [])];
  const lines = [columns.map(([name]) => name), ...arms.map((arm) => columns.map(([, cell]) => cell(arm)))];
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function verdictColumns({ arms, exploratory }: RunVerdict): readonly CsvColumn[] {
  const wordOf = ({ id }: ArmMetrics) => arms.find(({ arm }) => arm === id)?.word;
  return [
    ['verdict', wordOf],
    ['verdict_exploratory', (arm) => (wordOf(arm) === undefined ? undefined : exploratory)],
  ];
}

function measuredColumns(arms: readonly ArmMetrics[], catalogue: ArmCatalogue): readonly CsvColumn[] {
  return Object.values(catalogue).flatMap((entry): readonly CsvColumn[] => {
    if (typeof entry !== 'function' && isAttribute(entry)) return [[entry.csv, entry.read]];
    return armMeasures(arms, { entry }).flatMap(measureCells);
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
