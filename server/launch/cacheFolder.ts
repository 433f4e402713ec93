import { homedir } from 'node:os';
import path from 'node:path';

/** Where what can be made again is kept between runs: RANKSCOPE_CACHE, or the system's folder for caches. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const { RANKSCOPE_CACHE: chosen, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (chosen) return path.resolve(chosen);
  if (process.platform === 'win32' && local) return path.join(local, 'Rankscope', 'Cache');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'rankscope');
  // An empty one is none, by the specification of these folders.
  const base = xdg === undefined || xdg === '' ? path.join(homedir(), '.cache') : xdg;
  return path.join(base, 'rankscope');
}
