/** Reads the sampling settings from the typed text. */
import { RankscopeError } from '../../server/protocol/errors.ts';
import { t } from '../text/strings.ts';

export type SamplingField = 'samples' | 'maxNewTokens' | 'temperature' | 'seed';

interface Range {
  readonly name: () => string;
  readonly low: number;
  readonly high: number;
  readonly isWhole: boolean;
}

const ranges: Readonly<Record<SamplingField, Range>> = {
  samples: { name: () => t('Samples'), low: 1, high: 20, isWhole: true },
  maxNewTokens: { name: () => t('New tokens, at most'), low: 1, high: 1000, isWhole: true },
  temperature: { name: () => t('Temperature'), low: 0, high: 100, isWhole: false },
  seed: { name: () => t('Seed'), low: 0, high: Number.MAX_SAFE_INTEGER, isWhole: true },
};

/** The typed numbers; throws RankscopeError('usage') that names the first invalid field. */
export function samplingOf(typed: Readonly<Record<SamplingField, string>>): Record<SamplingField, number> {
  return {
    samples: read('samples', typed.samples),
    maxNewTokens: read('maxNewTokens', typed.maxNewTokens),
    temperature: read('temperature', typed.temperature),
    seed: read('seed', typed.seed),
  };
}

function read(field: SamplingField, typed: string): number {
  const { name, low, high, isWhole } = ranges[field];
  const value = typed.trim() === '' ? Number.NaN : Number(typed);
  if (value >= low && value <= high && (!isWhole || Number.isInteger(value))) return value;
  throw new RankscopeError({
    code: 'usage',
    what: t('"{0}" cannot be used for {1}', typed, name()),
    where: name(),
    remedy: isWhole
      ? t('Give a whole number from {0} to {1}.', low, high)
      : t('Give a number from {0} to {1}.', low, high),
  });
}
