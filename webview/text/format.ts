/** How numbers are written in panels, in the editor's language. What was not measured is said in words, never as a zero. */
import * as format from '../../server/measures/text/format.ts';
import { t } from './strings.ts';

/** What stands where nothing was measured. */
export function notMeasured(): string {
  return t('not measured');
}

/** `12.3 %` of a share 0..1. */
export function percent(share: number | undefined): string {
  return written(share, format.percent);
}

/** Three significant digits, without an exponent where it can be read without. */
export function decimal(value: number | undefined): string {
  return written(value, format.decimal);
}

/** `1.40 GB`, decimal units. */
export function bytes(count: number | undefined): string {
  return written(count, format.bytes);
}

/** `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  return format.duration(seconds, t);
}

function written(value: number | undefined, write: (value: number) => string): string {
  return value === undefined || Number.isNaN(value) ? notMeasured() : write(value);
}
