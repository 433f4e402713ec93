import { RankscopeError } from '../../protocol/errors.ts';

type Json = Readonly<Record<string, unknown>>;

/** Reads a Hugging Face config.json field by field; what is missing or of the wrong kind is an error that names it. */
export class ConfigReader {
  private readonly json: Json;
  private readonly where: string;

  constructor(json: Json, where: string) {
    this.json = json;
    this.where = where;
  }

  /** A positive integer. */
  count(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    throw this.wrong(key, value, 'a positive integer');
  }

  /** An integer from 0 on. */
  index(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.wrong(key, value, 'an integer from 0 on');
  }

  positive(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
    throw this.wrong(key, value, 'a positive number');
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.wrong(key, value, 'true or false');
  }

  text(key: string, fallback: string): string {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'string') return value;
    throw this.wrong(key, value, 'a string');
  }

  optionalText(key: string): string | undefined {
    const value = this.json[key] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(key, value, 'a string');
  }

  object(key: string): Json | undefined {
    const value = this.json[key] ?? undefined;
    if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return value as Json | undefined;
    throw this.wrong(key, value, 'an object');
  }

  unsupported(what: string): RankscopeError {
    return new RankscopeError({
      code: 'model',
      where: this.where,
      what: `${what} is not supported.`,
      remedy: 'Use a checkpoint without it; docs/models.md lists what is supported.',
    });
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
