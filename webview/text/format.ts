/** How numbers are written in panels. What was not measured is said in words, never written as a zero. */
import { t } from './strings.ts';

/** What stands where nothing was measured. */
export function notMeasured(): string {
  return t('not measured');
}

/** `12.3 %` of a share 0..1. */
export function percent(share: number | undefined): string {
  return share === undefined ? notMeasured() : `${(share * 100).toFixed(1)} %`;
}

/** `[8.1, 16.4] %` of shares 0..1. */
export function percentInterval(low: number | undefined, high: number | undefined): string {
  if (low === undefined || high === undefined) return notMeasured();
  return `[${(low * 100).toFixed(1)}, ${(high * 100).toFixed(1)}] %`;
}

/** Three significant digits, without an exponent where it can be read without. */
export function decimal(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return notMeasured();
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  return size >= 100 ? value.toFixed(1) : String(Number(value.toPrecision(3)));
}

/** A difference of shares in percentage points with its interval and its sign: `-1.2 [-3.0, +0.4]`. */
export function points(difference: { readonly value: number; readonly low: number; readonly high: number }): string {
  return `${signedPoints(difference.value)} [${signedPoints(difference.low)}, ${signedPoints(difference.high)}]`;
}

/** A share as signed percentage points: `+0.4`. A rounded zero has no sign. */
export function signedPoints(share: number): string {
  const text = (share * 100).toFixed(1);
  if (Number(text) === 0) return '0.0';
  return share > 0 ? `+${text}` : text;
}

/** `1.4 GB`, decimal units. */
export function bytes(count: number | undefined): string {
  if (count === undefined || Number.isNaN(count)) return notMeasured();
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value >= 100 || power === 0 ? value.toFixed(0) : value.toPrecision(3)} ${units[power] ?? ''}`;
}

/** `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return t('{0} s', whole);
  if (whole < 600) return t('{0} min {1} s', Math.floor(whole / 60), whole % 60);
  if (whole < 3600) return t('{0} min', Math.round(whole / 60));
  return t('{0} h {1} min', Math.floor(whole / 3600), Math.floor((whole % 3600) / 60));
}
