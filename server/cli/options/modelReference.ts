import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The absolute path of a model on the disk, since the engine may work in another folder. A hub id stays as it is. */
export function modelReference(given: string): string {
  const path = resolve(given);
  return existsSync(path) || given.startsWith('.') || given.startsWith('~') ? path : given;
}
