import { RankscopeError } from '../../protocol/errors.ts';
import { changesNothing } from './neutralFields.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a Hugging Face config.json field by field; what is missing or of the wrong kind is an error that names it. It
 * remembers which fields were read, so that those that nobody understands can be refused.
 */
export class ConfigReader {
  private readonly json: Json;
  private readonly where: string;
  private readonly read = new Set<string>();

  constructor(json: Json, where: string) {
    this.json = json;
    this.where = where;
  }

  /** Whether the field is there, if only as null. */
  has(key: string): boolean {
    return Object.hasOwn(this.json, key);
  }

  /** A positive integer. */
  count(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    throw this.wrong(key, value, 'a positive integer');
  }

  /** A positive integer, or undefined where the field is missing or null. */
  optionalCount(key: string): number | undefined {
    return this.value(key) === undefined ? undefined : this.count(key);
  }

  /** An integer from 0 on. */
  index(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.wrong(key, value, 'an integer from 0 on');
  }

  positive(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
    throw this.wrong(key, value, 'a positive number');
  }

  /** A positive number, or undefined where the field is missing or null. */
  optionalPositive(key: string): number | undefined {
    return this.value(key) === undefined ? undefined : this.positive(key);
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.value(key) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.wrong(key, value, 'true or false');
  }

  text(key: string, fallback: string): string {
    const value = this.value(key) ?? fallback;
    if (typeof value === 'string') return value;
    throw this.wrong(key, value, 'a string');
  }

  optionalText(key: string): string | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(key, value, 'a string');
  }

  /** As many positive numbers as are needed. */
  numbers(key: string, count: number): readonly number[] {
    const value = this.value(key);
    const isPositive = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x) && x > 0;
    if (Array.isArray(value) && value.length === count && value.every(isPositive)) return value;
    throw this.wrong(key, value, `a list of ${count} positive numbers`);
  }

  /** One of `choices` for each of `count` places, or undefined where the field is missing or null. */
  choices<T extends string | number>(key: string, count: number, choices: readonly T[]): readonly T[] | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const isChoice = (x: unknown): x is T => choices.some((choice) => choice === x);
    if (Array.isArray(value) && value.length === count && value.every(isChoice)) return value;
    throw this.wrong(key, value, `a list of ${count}, each one of ${choices.join(', ')}`);
  }

  object(key: string): Json | undefined {
    const value = this.value(key);
    if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return value as Json | undefined;
    throw this.wrong(key, value, 'an object');
  }

  /** The reader of an object inside, or undefined where it is missing or null. */
  nested(key: string): ConfigReader | undefined {
    const object = this.object(key);
    return object && new ConfigReader(object, `${this.where}, "${key}"`);
  }

  /** A reader of nothing: every field has its default. */
  without(): ConfigReader {
    return new ConfigReader({}, this.where);
  }

  /** Throws RankscopeError('model') naming the first field that was not read, unless it is null or changes no computation. */
  refuseUnread(what: string): void {
    const unread = Object.entries(this.json).find(
      ([key, value]) => !this.read.has(key) && value !== null && !changesNothing(key, value),
    );
    if (!unread) return;
    const [key, value] = unread;
    throw new RankscopeError({
      code: 'model',
      where: this.where,
      what: `"${key}": ${JSON.stringify(value)} is not known in ${what}: what it changes would be left out.`,
      remedy:
        'Remove it from config.json if it changes nothing of what the model computes; otherwise use another model.',
    });
  }

  unsupported(what: string): RankscopeError {
    return new RankscopeError({
      code: 'model',
      where: this.where,
      what: `${what} is not supported.`,
      remedy: 'Use a checkpoint without it; docs/models.md lists what is supported.',
    });
  }

  /** The field, undefined where it is missing or null. */
  private value(key: string): unknown {
    this.read.add(key);
    return this.json[key] ?? undefined;
  }

  private wrong(key: string, value: unknown, expected: string): RankscopeError {
    const found = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
    return new RankscopeError({
      code: 'model',
      where: this.where,
      what: `"${key}" ${found}; it must be ${expected}.`,
      remedy: 'Check that config.json belongs to this checkpoint and is whole.',
    });
  }
}
