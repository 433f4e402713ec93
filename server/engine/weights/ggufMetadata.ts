import { RankscopeError } from '../../protocol/errors.ts';

/** A metadata value; 64-bit integers beyond 2^53 stay bigint. */
export type GgufValue = string | number | bigint | boolean | readonly GgufValue[];

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** The text at `key`, undefined when absent. Throws RankscopeError('model') when it is of another type. */
export function metadataString(metadata: GgufMetadata, key: string): string | undefined {
  return typed(metadata, key, 'a text', (value): value is string => typeof value === 'string');
}

/** The number at `key`, undefined when absent. Throws RankscopeError('model') when it is of another type. */
export function metadataNumber(metadata: GgufMetadata, key: string): number | undefined {
  return typed(metadata, key, 'a number', (value): value is number => typeof value === 'number');
}

/** The flag at `key`, undefined when absent. Throws RankscopeError('model') when it is of another type. */
export function metadataBoolean(metadata: GgufMetadata, key: string): boolean | undefined {
  return typed(metadata, key, 'a flag', (value): value is boolean => typeof value === 'boolean');
}

/** The texts at `key`, undefined when absent. Throws RankscopeError('model') when they are of another type. */
export function metadataStrings(metadata: GgufMetadata, key: string): readonly string[] | undefined {
  return typed(metadata, key, 'a list of texts', (value): value is readonly string[] => listOf(value, 'string'));
}

/** The numbers at `key`, undefined when absent. Throws RankscopeError('model') when they are of another type. */
export function metadataNumbers(metadata: GgufMetadata, key: string): readonly number[] | undefined {
  return typed(metadata, key, 'a list of numbers', (value): value is readonly number[] => listOf(value, 'number'));
}

/** The positive whole number at `key`. Throws RankscopeError('model') when it is absent or anything else. */
export function requiredCount(metadata: GgufMetadata, key: string): number {
  const value = metadataNumber(metadata, key);
  if (value !== undefined && Number.isInteger(value) && value > 0) return value;
  throw badMetadata(key, value === undefined ? 'is missing' : `is ${value}, where a positive whole number belongs`);
}

/** A fault of one metadata entry. */
export function badMetadata(key: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'model',
    what: `the GGUF metadata ${key} ${what}.`,
    remedy: 'Convert the model again with a current llama.cpp.',
  });
}

function listOf(value: GgufValue, type: 'string' | 'number'): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}

function typed<T extends GgufValue>(
  metadata: GgufMetadata,
  key: string,
  expected: string,
  is: (value: GgufValue) => value is T,
): T | undefined {
  const value = metadata.get(key);
  if (value === undefined || is(value)) return value;
  throw badMetadata(key, `is not ${expected}`);
}
