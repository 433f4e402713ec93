import { createHash } from 'node:crypto';

/** SHA-256, hex, of all that determines a judge's verdicts, as JSON. */
export function judgeHash(decides: unknown): string {
  return createHash('sha256').update(JSON.stringify(decides)).digest('hex');
}
