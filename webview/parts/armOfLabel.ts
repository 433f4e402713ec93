/** Labels for arms of one or several runs, by which they can be told apart. */
import type { ArmOf } from '../../server/protocol/messages/runsContract.ts';

/** The last component of a path with slashes of either kind. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}

/** `r8`, or `demo/r8` where the arms come from several runs. Whole paths where runs share their last component. */
export function armLabels(arms: readonly ArmOf[]): readonly string[] {
  const runs = [...new Set(arms.map(({ run }) => run))];
  if (runs.length < 2) return arms.map(({ arm }) => arm);
  const areDistinct = new Set(runs.map(baseName)).size === runs.length;
  return arms.map(({ run, arm }) => `${areDistinct ? baseName(run) : run}/${arm}`);
}

export function isSameArm(one: ArmOf, other: ArmOf): boolean {
  return one.run === other.run && one.arm === other.arm;
}
