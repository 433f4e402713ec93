import { homedir } from 'node:os';
import path from 'node:path';

/** The folder for what can be computed again, kept between runs: RANKSCOPE_CACHE, or the system's cache folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const { RANKSCOPE_CACHE: chosen, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (chosen) return path.resolve(chosen);
  if (process.platform === 'win32' && local) return path.join(local, 'Rankscope', 'Cache');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'rankscope');
  // By the XDG specification an empty variable counts as unset.
  const base = xdg === undefined || xdg === '' ? path.join(homedir(), '.cache') : xdg;
  return path.join(base, 'rankscope');
}
