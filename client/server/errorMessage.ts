import { RankscopeError } from '../../server/protocol/errors.ts';

/** What an error says to a person: what was wrong, where and what to do. */
export function errorMessage(error: unknown): string {
  if (error instanceof RankscopeError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

/** Whether somebody thought better of it: nothing that needs telling. */
export function wasCancelled(error: unknown): boolean {
  return error instanceof RankscopeError && error.code === 'cancelled';
}
