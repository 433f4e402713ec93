import { RankscopeError } from '../../protocol/errors.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Where a model's texts end. */
export interface EndOfText {
  /** Any of these ends a completion: what the tokenizer, generation_config.json and config.json say together. */
  readonly tokens: ReadonlySet<number>;
  /** The one to put behind a completion: the tokenizer's own, else the first that the others name; undefined where none. */
  readonly appended: number | undefined;
}

/** Throws RankscopeError('model') naming an `eos_token_id` that is no id and no list of ids. */
export function endOfText(
  { config, generation, path }: Pick<Checkpoint, 'config' | 'generation' | 'path'>,
  { eosId }: Pick<Tokenizer, 'eosId'>,
): EndOfText {
  const named = [
    ...(eosId === undefined ? [] : [eosId]),
    ...idsOf(generation?.eos_token_id, path, 'generation_config.json'),
    ...idsOf(config.eos_token_id, path, 'config.json'),
  ];
  return { tokens: new Set(named), appended: named[0] };
}

function idsOf(value: unknown, where: string, file: string): readonly number[] {
  const ids = Array.isArray(value)
    ? (value as readonly unknown[])
    : value === undefined || value === null
      ? []
      : [value];
  if (ids.every((id): id is number => Number.isSafeInteger(id) && Number(id) >= 0)) return ids;
  throw new RankscopeError({
    code: 'model',
    where,
    what: `"eos_token_id" of ${file} is ${JSON.stringify(value)}; it must be a token id or a list of them.`,
    remedy: 'Correct the file, or download it again.',
  });
}
