import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** `NAME-20260102-030405` (UTC), of letters that every file system takes. */
export function runName(name: string, now: Date): string {
  const safe = name
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 60);
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${safe === '' ? 'sweep' : safe}-${time}`;
}

/** Path of a folder under `root` for a new run of that name. Nothing stands there yet. */
export async function freshRunFolder(root: string, name: string, now: Date): Promise<string> {
  const base = join(root, runName(name, now));
  for (let serial = 1; ; serial++) {
    const path = serial === 1 ? base : `${base}-${serial}`;
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there) return path;
  }
}
