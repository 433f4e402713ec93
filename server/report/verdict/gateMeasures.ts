/** Which figure of an arm a requirement is about: any measure of the catalogue by its key, and short names for the usual ones. */
import { presentMeasures, type ArmMeasure } from '../../measures/catalogue/armMeasures.ts';
import { decisionShape } from '../../measures/catalogue/decisionMeasures.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';

/** Keys that a short name stands for: the first of them that the run has. `rule` is the decision rule that reports show first. */
const shortNames: ReadonlyMap<string, (rule: string) => readonly string[]> = new Map([
  ['loss', () => ['heldOutLoss']],
  ['gap', (rule: string) => ['toxicityGap', `${rule}.accuracyParity`]],
  ['accuracy', (rule: string) => [`${rule}.accuracy`]],
]);

/** Undefined where no arm of the run has such a figure. */
export function gateMeasure(name: string, arms: readonly ArmMetrics[]): ArmMeasure | undefined {
  const present = presentMeasures(arms);
  const keys = shortNames.get(name)?.(firstRule(arms)) ?? [name];
  return keys.map((key) => present.find((measure) => measure.key === key)).find((measure) => measure !== undefined);
}

/** Names that can be required of a run, short ones first. */
export function gateMeasureNames(arms: readonly ArmMetrics[]): readonly string[] {
  const short = [...shortNames.keys()].filter((name) => gateMeasure(name, arms) !== undefined);
  return [...short, ...presentMeasures(arms).map(({ key }) => key)];
}

function firstRule(arms: readonly ArmMetrics[]): string {
  return decisionShape(arms.flatMap(({ classification }) => classification ?? [])).rules[0] ?? 'probability';
}
