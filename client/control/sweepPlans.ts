/** What the last plan of a sweep file said, so that it is told again before the same file is run. */
import { createHash } from 'node:crypto';
import type { Keeper } from '../host/startingSweeps.ts';

export interface KeptPlan {
  /** SHA-256 of the sweep file that was planned, hex: another text is another sweep. */
  readonly hash: string;
  readonly answer: string;
  readonly canAnswer: boolean;
}

const key = 'rankscope.plans';
/** Files whose plan is remembered. */
const most = 50;

/** Keeps the plan of a file, of which `text` is the content. */
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

/** Why the sweep of a file cannot answer, as its last plan said; undefined where it can, or where the file was changed since. */
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
