import { stat } from 'node:fs/promises';

/** Whether a file or folder exists at a path on this disk. */
export function fileExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
