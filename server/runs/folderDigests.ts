/**
 * Digests of the files of a folder, written with it, so that a damaged or missing file is noticed when the folder
 * is read again.
 */
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { openPlainFile, readPlainText } from '../files/plainFile.ts';
import { RankscopeError } from '../protocol/errors.ts';
import { systemCode } from './diskError.ts';

/** The file that holds the digests of its folder. */
export const digestsFile = 'digests.json';
/** The SHA-256 (hex) of each file, by its path within the folder. */
const digests = z.record(z.string(), z.string());

/** Writes `digests.json`, the SHA-256 of every file of the folder by its path within it. */
export async function writeDigests(folder: string): Promise<void> {
  await writeFile(join(folder, digestsFile), JSON.stringify(await digestsOf(folder)));
}

/** Explains how a folder differs from what `writeDigests` recorded; undefined where it does not. Never rejects. */
export async function faultOf(folder: string): Promise<string | undefined> {
  try {
    const noted = await readDigests(folder);
    const found: Readonly<Record<string, string>> = await digestsOf(folder);
    const name = [...new Set([...Object.keys(noted), ...Object.keys(found)])].find((one) => noted[one] !== found[one]);
    if (name === undefined) return undefined;
    return name in found ? `${name} is not as it was written` : `${name} is missing`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Throws RankscopeError('run') that names the file, where a file has changed or is missing since `writeDigests`.
 * Files that were added later are ignored. A folder without digests passes, since another program wrote it.
 */
export async function assertAsWritten(folder: string): Promise<void> {
  const noted = await readDigests(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return {};
    throw damaged(folder, `${digestsFile} cannot be read`, error);
  });
  for (const [name, digest] of Object.entries(noted)) {
    const found = await digestOf(join(folder, name)).catch((error: unknown) => {
      throw damaged(folder, `${name} is missing or cannot be read`, error);
    });
    if (found !== digest) throw damaged(folder, `${name} is not as it was written`);
  }
}

function damaged(where: string, what: string, cause?: unknown): RankscopeError {
  const remedy = 'Restore the folder from a copy, or run the sweep again.';
  return new RankscopeError({ code: 'run', what: `the weights are damaged: ${what}`, where, remedy }, { cause });
}

async function readDigests(folder: string): Promise<Readonly<Record<string, string>>> {
  const text = await readPlainText(join(folder, digestsFile), { links: 'refuse' });
  return digests.parse(JSON.parse(text));
}

async function digestsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: [string, string][] = [];
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const name = relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
    if (name !== digestsFile) found.push([name, await digestOf(join(folder, name))]);
  }
  return Object.fromEntries(found.sort());
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await openPlainFile(path, { links: 'refuse', most: Infinity });
  for await (const chunk of file.createReadStream({ highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
