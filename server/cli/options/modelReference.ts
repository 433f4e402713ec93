import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A model that stands on the disk as an absolute path (the engine need not share our folder); a hub id as it is. */
export function modelReference(given: string): string {
  const path = resolve(given);
  return existsSync(path) || given.startsWith('.') || given.startsWith('~') ? path : given;
}
