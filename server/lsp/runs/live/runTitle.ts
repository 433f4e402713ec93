import { basename } from 'node:path';
import type { RunRecord } from '../../../runs/runRecord.ts';

/** What a person calls a run: the name in its sweep file, or that of its folder. */
export function titleOf({ sweep, id }: Pick<RunRecord, 'sweep' | 'id'>): string {
  return sweep.name ?? id;
}

/** The judge of a run in a few words; experiments that measure without one say so. */
export function judgeOf({ sweep }: Pick<RunRecord, 'sweep'>): string {
  if (!('judge' in sweep)) return 'none';
  const { kind, ...rest } = sweep.judge as { readonly kind: string } & Readonly<Record<string, unknown>>;
  const details = ['hurtLex', 'model'].flatMap((name) => {
    const value = rest[name];
    return typeof value === 'string' ? [basename(value)] : [];
  });
  return details.length === 0 ? kind : `${kind} (${details.join(', ')})`;
}
