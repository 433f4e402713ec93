import { basename } from 'node:path';
import type { RunRecord } from '../../../runs/runRecord.ts';

/** The title of a run: the name in its sweep file, or the name of its folder. */
export function titleOf({ sweep, id }: Pick<RunRecord, 'sweep' | 'id'>): string {
  return sweep.name ?? id;
}

/** A short description of a run's judge, or that it has none. */
export function judgeOf({ sweep }: Pick<RunRecord, 'sweep'>): string {
  if (!('judge' in sweep)) return 'none';
  const { kind, ...rest } = sweep.judge as { readonly kind: string } & Readonly<Record<string, unknown>>;
  const details = ['hurtLex', 'model'].flatMap((name) => {
    const value = rest[name];
    return typeof value === 'string' ? [basename(value)] : [];
  });
  return details.length === 0 ? kind : `${kind} (${details.join(', ')})`;
}
