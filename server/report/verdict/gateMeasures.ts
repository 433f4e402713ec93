/**
 * Finds the measure that a requirement names: any measure of the catalogue by its key, or a frequent one by a short
 * name.
 */
import { presentMeasures, type ArmMeasure } from '../../measures/catalogue/armMeasures.ts';
import { decisionShape } from '../../measures/catalogue/decisionMeasures.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';

/**
 * The keys that each short name stands for. The first key that the run has counts. `rule` is the decision rule that
 * reports show first.
 */
const shortNames: ReadonlyMap<string, (rule: string) => readonly string[]> = new Map([
  ['loss', () => ['heldOutLoss']],
  ['gap', (rule: string) => ['toxicityGap', `${rule}.accuracyParity`]],
  ['accuracy', (rule: string) => [`${rule}.accuracy`]],
]);

/** Finds a measure by name. Undefined where no arm of the run has such a figure. */
export function gateMeasure(name: string, arms: readonly ArmMetrics[]): ArmMeasure | undefined {
  const present = presentMeasures(arms);
  const keys = shortNames.get(name)?.(firstRule(arms)) ?? [name];
  return keys.map((key) => present.find((measure) => measure.key === key)).find((measure) => measure !== undefined);
}

/** Names of the measures that a requirement on this run may use, short names first. */
export function gateMeasureNames(arms: readonly ArmMetrics[]): readonly string[] {
  const short = [...shortNames.keys()].filter((name) => gateMeasure(name, arms) !== undefined);
  return [...short, ...presentMeasures(arms).map(({ key }) => key)];
}

function firstRule(arms: readonly ArmMetrics[]): string {
  return decisionShape(arms.flatMap(({ classification }) => classification ?? [])).rules[0] ?? 'probability';
}
