/** Reads the options of a command from their texts. Each function throws RankscopeError('usage'). */
import { RankscopeError } from '../../protocol/errors.ts';
import type { Values } from './command.ts';

export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  if (value === '') throw usage(`--${name} is empty`);
  return typeof value === 'string' ? value : undefined;
}

export function requiredText(values: Values, name: string): string {
  const value = textOf(values, name);
  if (value === undefined) throw usage(`--${name} is missing`);
  return value;
}

export function textsOf(values: Values, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

export function isSet(values: Values, name: string): boolean {
  return values[name] === true;
}

export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  readonly whole?: boolean;
}

export function numberOf(values: Values, name: string, range: NumberRange): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const { least, most = Infinity, whole = true } = range;
  const value = Number(text);
  const fits = Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isSafeInteger(value));
  if (text.trim() !== '' && fits) return value;
  const upper = most === Infinity ? 'or more' : `to ${most}`;
  throw usage(`--${name} is "${text}", and must be a ${whole ? 'whole ' : ''}number, ${least} ${upper}`);
}

export function choiceOf<T extends string>(values: Values, name: string, choices: readonly T[]): T | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw usage(`--${name} is "${text}", and must be one of ${choices.join(', ')}`);
}

export function usage(what: string): RankscopeError {
  return new RankscopeError({ code: 'usage', what, remedy: 'Add --help to see what the command takes.' });
}
