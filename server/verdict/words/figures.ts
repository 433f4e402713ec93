/** How the numbers of a verdict are written, in every surface alike. */

/** A share as whole percent: `19 %`. */
export function percent(share: number): string {
  return `${unsigned(share * 100, 0)} %`;
}

/** A rate with one decimal: `8.9 %`. */
export function rate(share: number): string {
  return `${unsigned(share * 100, 1)} %`;
}

/** A chance or confidence, with as many decimals as it needs up to two: `95 %`, `97.5 %`, `98.75 %`. */
export function exactPercent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** A difference of shares: `2.0 points`. */
export function points(difference: number): string {
  return `${unsigned(difference * 100, 1)} points`;
}

/** `p = 0.018`, with two significant digits; below a thousandth it says no more than that. */
export function pValue(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${twoDigits(p)}`;
}

/** A level or p with two significant digits at least: `0.05`, `0.025`. */
export function level(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** `rank 8`; `ranks 16, 32 and 64`. */
export function rankList(ranks: readonly number[]): string {
  const ascending = [...ranks].sort((a, b) => a - b);
  return `${ascending.length === 1 ? 'rank' : 'ranks'} ${enumeration(ascending.map(String))}`;
}

/** `a`; `a and b`; `a, b and c`. */
export function enumeration(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A number that a plan gives, to two significant digits: what lies behind it is no more exact. */
export function roughly(value: number): string {
  return value < 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

/** `1 of 20`, where the chance is one in a whole number; else a percentage. */
export function oneIn(chance: number): string {
  const whole = Math.round(1 / chance);
  return Math.abs(whole * chance - 1) < 1e-9 ? `1 of ${whole}` : `${exactPercent(chance)} of`;
}

function twoDigits(value: number): string {
  const text = value.toPrecision(2);
  return text.includes('e') ? String(Number(text)) : text;
}

/** Never `-0`. */
function unsigned(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? (0).toFixed(decimals) : text;
}
