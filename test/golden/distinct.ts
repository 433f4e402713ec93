import assert from 'node:assert/strict';

/** Numbers that identify something and are no measurements. */
const names = new Set([
  ...['version', 'rank', 'alpha', 'seed', 'round', 'step', 'of', 'promptIndex', 'sample', 'minority', 'seconds'],
  ...['trainableParameters', 'smallestSafe', 'smallestSafeOnAverage'],
]);

/** Fails unless every figure in `value` differs from every other: measures in their first three digits, counts as a whole. */
export function assertDistinct(value: unknown): void {
  const seen = new Map<string, string>();
  for (const { path, figure } of figuresOf(value, '')) {
    const key = Number.isInteger(figure) && figure >= 1000 && figure < 100_000 ? `count ${figure}` : digitsOf(figure);
    assert.ok(!seen.has(key), `${path} and ${seen.get(key) ?? ''} are both ${figure}`);
    seen.set(key, path);
  }
}

/** Three significant digits of a figure, whatever its unit and sign. */
function digitsOf(figure: number): string {
  return Math.abs(figure).toExponential(2).slice(0, 4);
}

function figuresOf(value: unknown, path: string): { readonly path: string; readonly figure: number }[] {
  if (typeof value === 'number') return value === 0 ? [] : [{ path, figure: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, own]) => (names.has(name) ? [] : figuresOf(own, `${path}.${name}`)));
}
