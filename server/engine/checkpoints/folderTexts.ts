import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseJson } from '../../files/parseJson.ts';
import { readPlainFile } from '../../files/plainFile.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { JsonObject } from '../weights/checkpoint.ts';
import { damaged, unreadable } from '../weights/weightFile.ts';

/** The largest known tokenizer.json has 34 MB. */
const LARGEST_TEXT = 2 ** 28;

/** Reads the text files of a model's folder, and notes the hash of each. */
export class FolderTexts {
  readonly #folder: string;
  readonly #hashes: Record<string, string> = {};

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** SHA-256 (hex) of the bytes of every file that has been read, by its name. */
  get hashes(): Readonly<Record<string, string>> {
    return { ...this.#hashes };
  }

  /** A file's text, or undefined where there is none. Throws RankscopeError('model' or 'disk') where it cannot be read. */
  async text(name: string): Promise<string | undefined> {
    const path = join(this.#folder, name);
    try {
      const bytes = await readPlainFile(path, { most: LARGEST_TEXT });
      this.#hashes[name] = createHash('sha256').update(bytes).digest('hex');
      return bytes.toString('utf8');
    } catch (error) {
      if (error instanceof RankscopeError) throw error;
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw unreadable(path, error);
    }
  }

  /** A file's JSON object, or undefined where there is no such file. Throws RankscopeError('model') for anything else. */
  async json(name: string): Promise<JsonObject | undefined> {
    const text = await this.text(name);
    if (text === undefined) return undefined;
    const path = join(this.#folder, name);
    try {
      const json = parseJson(text);
      if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonObject;
    } catch (error) {
      throw damaged(path, `it is not valid JSON (${error instanceof Error ? error.message : String(error)})`);
    }
    throw damaged(path, 'it is not a JSON object');
  }
}
