import { RankscopeError } from '../../server/protocol/errors.ts';

/** The message of an error for a person: what was wrong, where, and what to do. */
export function errorMessage(error: unknown): string {
  if (error instanceof RankscopeError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

/** Whether a person has cancelled the work, so that nothing needs to be reported. */
export function wasCancelled(error: unknown): boolean {
  return error instanceof RankscopeError && error.code === 'cancelled';
}
