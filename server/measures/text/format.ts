/** How numbers are written, wherever a person reads them. */
import { english, type Say } from './say.ts';

/** What stands where nothing was measured. It is never a zero. */
export const notMeasured = 'not measured';

/** `12.3 %` of a share 0..1. */
export function percent(share: number): string {
  return `${percentNumber(share)} %`;
}

/** `12.3` of a share 0..1: one decimal, and no sign before a rounded zero. */
export function percentNumber(share: number): string {
  return fixed(share * 100);
}

/** `25 %` of a share that somebody chose: all of its digits. */
export function chosenShare(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

/** One decimal; a rounded zero has no sign. */
export function fixed(value: number): string {
  return value.toFixed(1).replace(/^-0\.0$/, '0.0');
}

/** A difference of shares as signed percentage points: `+0.4`. */
export function signedPoints(share: number): string {
  const text = percentNumber(share);
  return share > 0 && text !== '0.0' ? `+${text}` : text;
}

/** Three significant digits, without an exponent where it can be read without. */
export function decimal(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  return size >= 100 ? value.toFixed(1) : String(Number(value.toPrecision(3)));
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1.40 GB`, in powers of a thousand. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value >= 100 || power === 0 ? value.toFixed(0) : value.toPrecision(3)} ${byteUnits[power] ?? 'B'}`;
}

/** `48 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number, say: Say = english): string {
  const whole = Math.round(seconds);
  if (whole < 60) return say('{0} s', whole);
  if (whole < 600) return say('{0} min {1} s', Math.floor(whole / 60), whole % 60);
  if (whole < 3600) return say('{0} min', Math.round(whole / 60));
  return say('{0} h {1} min', Math.floor(whole / 3600), Math.floor((whole % 3600) / 60));
}
