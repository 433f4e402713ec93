/** The result of the last plan of a sweep file, so that it can be shown again before the same file is run. */
import { createHash } from 'node:crypto';
import type { Keeper } from '../host/startingSweeps.ts';

export interface KeptPlan {
  /** SHA-256 (hex) of the planned sweep file. Another text is another sweep. */
  readonly hash: string;
  readonly answer: string;
  readonly canAnswer: boolean;
}

const key = 'rankscope.plans';
/** Number of files whose plan is stored. */
const most = 50;

/** Stores the plan of a file with content `text`. */
export async function keepPlan(
  keeper: Keeper,
  file: string,
  text: string,
  { answer, canAnswer }: Omit<KeptPlan, 'hash'>,
): Promise<void> {
  const others = Object.entries(keptPlans(keeper)).filter(([name]) => name !== file);
  const own: KeptPlan = { hash: hashOf(text), answer, canAnswer };
  await keeper.update(key, Object.fromEntries([...others, [file, own] as const].slice(-most)));
}

/**
 * Why the sweep of a file cannot answer, according to its last plan. Undefined where it can, or where the file has
 * changed since.
 */
export function hopelessPlan(keeper: Keeper, file: string, text: string): string | undefined {
  const plan = keptPlans(keeper)[file];
  return plan && !plan.canAnswer && plan.hash === hashOf(text) ? plan.answer : undefined;
}

function keptPlans(keeper: Keeper): Readonly<Record<string, KeptPlan>> {
  return keeper.get<Readonly<Record<string, KeptPlan>>>(key, {});
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
