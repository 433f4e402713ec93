/** Whether the limit of a run is still the one that was declared before its first completion. */
import { createHash } from 'node:crypto';

/**
 * `none`: the run began without a declared limit, in an earlier version. `changed`: the verdict block of run.json,
 * or of the sweep file beside it, does not have the hash that was stored when the run began.
 */
export type DeclarationState = 'none' | 'kept' | 'changed';

export const changedLimit = 'the limit was changed after the run';

/** SHA-256, hex, of a verdict block as JSON, whatever the order of its keys. */
export function declarationHash(block: unknown): string {
  return createHash('sha256').update(canonical(block)).digest('hex');
}

/** Compares the stored hash with the verdict blocks as they lie on the disk, before defaults are filled in. */
export function declarationState(record: unknown, sweep: unknown): DeclarationState {
  const hash = fieldOf(fieldOf(record, 'hashes'), 'verdict');
  if (hash === undefined) return 'none';
  const blocks = [
    fieldOf(fieldOf(record, 'sweep'), 'verdict'),
    ...(sweep === undefined ? [] : [fieldOf(sweep, 'verdict')]),
  ];
  return blocks.every((block) => declarationHash(block) === hash) ? 'kept' : 'changed';
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function canonical(value: unknown): string {
  const sorted = (_: string, own: unknown): unknown =>
    typeof own === 'object' && own !== null && !Array.isArray(own)
      ? Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)))
      : own;
  return JSON.stringify({ declared: value }, sorted);
}
