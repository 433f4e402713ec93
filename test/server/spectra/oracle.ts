/** Numbers of NumPy and PyTorch; see test/oracles/spectra.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export interface OracleSpectrum {
  readonly values: readonly number[];
  readonly rankOf90: number;
  readonly cosines: readonly number[];
}

interface Oracle {
  readonly adapters: Readonly<
    Record<string, { readonly model: string; readonly modules: Readonly<Record<string, OracleSpectrum>> }>
  >;
  readonly full: { readonly model: string; readonly modules: Readonly<Record<string, OracleSpectrum>> };
  readonly shrunk: Readonly<
    Record<
      string,
      { readonly rank: number; readonly module: string; readonly lost: number; readonly matrix: readonly number[] }
    >
  >;
  readonly dense: readonly {
    readonly rows: number;
    readonly columns: number;
    readonly rank?: number;
    readonly values: readonly number[];
    readonly cosines: readonly number[];
  }[];
}

export const oracle = JSON.parse(readFileSync('test/oracles/spectra.json', 'utf8')) as Oracle;

/** Asserts that two lists have one length, and no number differs by more than `tolerance`. */
export function assertNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  where = 'list',
): void {
  assert.equal(actual.length, expected.length, `${where}: length`);
  for (let i = 0; i < expected.length; i++) {
    const [is, should] = [actual[i]!, expected[i]!];
    assert.ok(Math.abs(is - should) <= tolerance, `${where}[${i}]: ${is}, should be ${should}`);
  }
}
