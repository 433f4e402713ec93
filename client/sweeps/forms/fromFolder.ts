import * as path from 'node:path';

/**
 * A path relative to the sweep file's folder, with forward slashes on every system. Absolute where it is on another
 * drive.
 */
export function fromFolder(folder: string, file: string): string {
  const relative = path.relative(folder, file);
  if (path.isAbsolute(relative)) return file;
  return relative === '' ? '.' : relative.split(path.sep).join('/');
}
