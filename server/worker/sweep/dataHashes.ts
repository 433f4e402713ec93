import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { experimentOf } from '../../experiments/experiments.ts';
import { openPlainFile, readPlainFile } from '../../files/plainFile.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import { errorDetails, RankscopeError } from '../../protocol/errors.ts';

/** SHA-256 (hex) of every data file that a sweep names, by its place in the sweep. */
export async function dataHashes(sweep: AnySweep): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {};
  for (const [name, file] of Object.entries(experimentOf(sweep).files(sweep))) {
    if (file !== undefined) hashes[name] = await fileHash(file);
  }
  return hashes;
}

/** The hash of a file. For a folder, the hash of its files' names and hashes, ordered by name. */
async function fileHash(file: string): Promise<string> {
  try {
    if ((await stat(file)).isDirectory()) return await folderHash(file);
    const hash = createHash('sha256');
    const opened = await openPlainFile(file, { most: Infinity });
    for await (const chunk of opened.createReadStream()) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch (error) {
    const { what } = errorDetails(error);
    throw new RankscopeError({ code: 'data', what, where: file, remedy: 'Check the file.' }, { cause: error });
  }
}

async function folderHash(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const content = createHash('sha256')
      .update(await readPlainFile(file))
      .digest('hex');
    hash.update(`${relative(folder, file).replaceAll('\\', '/')} ${content}\n`);
  }
  return hash.digest('hex');
}
