import { createHash } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../launch/cacheFolder.ts';

/**
 * Version of the layout of converted weights and of their checks. A change makes the cached weights of earlier
 * versions unused.
 */
const LAYOUT = 2;

/**
 * The folder of a model's converted weights, kept between runs under RANKSCOPE_CACHE or the system's cache folder.
 * Its name is a hash of the weights, of the configuration that determines their layout, and of this version's
 * layout.
 */
export function weightsFolder(hash: string, config: Readonly<Record<string, unknown>>): string {
  const key = createHash('sha256')
    .update(`${LAYOUT} ${hash} ${JSON.stringify(config)}`)
    .digest('hex')
    .slice(0, 32);
  return path.join(cacheFolder(process.env), 'weights', key);
}

/** Notes that converted weights were used now. A cache beyond its limit removes the least recently used entries first. */
export async function markUsed(folder: string): Promise<void> {
  const now = new Date();
  // A read-only cache works as well, and nothing is ever removed from it.
  await utimes(folder, now, now).catch(() => undefined);
}
