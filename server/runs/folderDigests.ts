/** What a folder held when it was written, so that a flipped byte or a lost file is found where it is read again. */
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { openPlainFile, readPlainText } from '../files/plainFile.ts';

const FILE = 'digests.json';
/** SHA-256, hex, by the path within the folder. */
const digests = z.record(z.string(), z.string());

/** Writes `digests.json`, the SHA-256 of every file of the folder by its path within it. */
export async function writeDigests(folder: string): Promise<void> {
  await writeFile(join(folder, FILE), JSON.stringify(await digestsOf(folder)));
}

/** Why a folder is not what `writeDigests` saw, in words; undefined where it is. Never rejects. */
export async function faultOf(folder: string): Promise<string | undefined> {
  try {
    const noted = digests.parse(JSON.parse(await readPlainText(join(folder, FILE), { links: 'refuse' })));
    const found: Readonly<Record<string, string>> = await digestsOf(folder);
    const name = [...new Set([...Object.keys(noted), ...Object.keys(found)])].find((one) => noted[one] !== found[one]);
    if (name === undefined) return undefined;
    return name in found ? `${name} is not as it was written` : `${name} is missing`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function digestsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const digests: [string, string][] = [];
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const name = relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
    if (name !== FILE) digests.push([name, await digestOf(join(folder, name))]);
  }
  return Object.fromEntries(digests.sort());
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await openPlainFile(path, { links: 'refuse', most: Infinity });
  for await (const chunk of file.createReadStream({ highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
