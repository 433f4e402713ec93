import { createHash } from 'node:crypto';
import path from 'node:path';
import { cacheFolder } from '../../launch/cacheFolder.ts';

/**
 * Where a model's converted weights are kept between runs: under RANKSCOPE_CACHE, or the system's folder for caches.
 * The name is that of the weights' content and of the configuration that says how they are laid out.
 */
export function weightsFolder(hash: string, config: Readonly<Record<string, unknown>>): string {
  const key = createHash('sha256')
    .update(`${hash} ${JSON.stringify(config)}`)
    .digest('hex')
    .slice(0, 32);
  return path.join(cacheFolder(process.env), 'weights', key);
}
