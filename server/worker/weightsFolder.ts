import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * Where a model's converted weights are kept between runs: under RANKSCOPE_CACHE, or the system's folder for caches.
 * The name is that of the weights' content and of the configuration that says how they are laid out.
 */
export function weightsFolder(hash: string, config: Readonly<Record<string, unknown>>): string {
  const key = createHash('sha256')
    .update(`${hash} ${JSON.stringify(config)}`)
    .digest('hex')
    .slice(0, 32);
  return path.join(cacheFolder(), 'weights', key);
}

function cacheFolder(): string {
  const { RANKSCOPE_CACHE: chosen, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (chosen) return path.resolve(chosen);
  if (process.platform === 'win32' && local) return path.join(local, 'Rankscope', 'Cache');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'rankscope');
  return path.join(xdg ?? path.join(homedir(), '.cache'), 'rankscope');
}
