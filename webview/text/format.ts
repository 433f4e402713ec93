/** Formats numbers in the editor's language. A missing value is shown in words, never as zero. */
import * as format from '../../server/measures/text/format.ts';
import { t } from './strings.ts';

/** The text for a value that was not measured. */
export function notMeasured(): string {
  return t('not measured');
}

/** Formats a share 0..1, e.g. `12.3 %`. */
export function percent(share: number | undefined): string {
  return writeNumber(share, format.percent);
}

/** Formats with three significant digits, without an exponent where possible. */
export function decimal(value: number | undefined): string {
  return writeNumber(value, format.decimal);
}

/** Formats bytes in decimal units, e.g. `1.40 GB`. */
export function bytes(count: number | undefined): string {
  return writeNumber(count, format.bytes);
}

/** Formats seconds, e.g. `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  return format.duration(seconds, t);
}

function writeNumber(value: number | undefined, write: (value: number) => string): string {
  return value === undefined || Number.isNaN(value) ? notMeasured() : write(value);
}
