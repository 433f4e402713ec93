import { createHash } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../launch/cacheFolder.ts';

/** Of how weights are laid out and what was checked when they were: a change makes what older versions kept unused. */
const LAYOUT = 2;

/**
 * Where a model's converted weights are kept between runs: under RANKSCOPE_CACHE, or the system's folder for caches.
 * The name is that of the weights' content, of the configuration that says how they are laid out, and of this version's way.
 */
export function weightsFolder(hash: string, config: Readonly<Record<string, unknown>>): string {
  const key = createHash('sha256')
    .update(`${LAYOUT} ${hash} ${JSON.stringify(config)}`)
    .digest('hex')
    .slice(0, 32);
  return path.join(cacheFolder(process.env), 'weights', key);
}

/** Notes that converted weights were used now: what was used longest ago leaves a cache that is too large first. */
export async function markUsed(folder: string): Promise<void> {
  const now = new Date();
  // A cache that can only be read is as good, and nobody makes room in it.
  await utimes(folder, now, now).catch(() => undefined);
}
