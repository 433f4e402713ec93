/** The figures of an arm for programs and chat models: numbers by name, each with its unit. */
import { isMeasured, type Estimate } from '../../protocol/run/estimate.ts';
import { armFields, presentMeasures, type ArmCatalogue, type ArmFigures } from './armMeasures.ts';
import { unitForm, type Unit } from '../text/units.ts';

/**
 * `{share: 0.2, low95: 0.1, high95: 0.3, n: 40}`: the value is named by its unit, and shares are not written in percent, so
 * that nobody multiplies twice. Or `{notMeasuredBecause}`.
 */
export function namedFigure(estimate: Estimate, unit: Unit): object {
  if (!isMeasured(estimate)) return { notMeasuredBecause: estimate.unmeasured };
  const { value, low, high, n } = estimate;
  return {
    [unitForm(unit).name]: value,
    ...(low !== undefined && { low95: low }),
    ...(high !== undefined && { high95: high }),
    ...(n !== undefined && { n }),
  };
}

/** Every figure that the arm has, by the key of its measure. */
export function namedFigures(arm: ArmFigures, catalogue: ArmCatalogue = armFields): Readonly<Record<string, object>> {
  return Object.fromEntries(
    presentMeasures([arm], catalogue).flatMap(({ key, unit, read }) => {
      const estimate = read(arm);
      return estimate === undefined ? [] : [[key, namedFigure(estimate, unit)]];
    }),
  );
}
