import { RankscopeError } from '../../protocol/errors.ts';

/** RankscopeError('model') for an adapter that cannot be used on this model: `what` says which part of it. */
export function unfit(
  where: string,
  what: string,
  remedy = 'Check that it was trained on this base model.',
): RankscopeError {
  return new RankscopeError({ code: 'model', where, what: `The adapter does not fit: ${what}.`, remedy });
}
