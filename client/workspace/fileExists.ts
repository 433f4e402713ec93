import { stat } from 'node:fs/promises';

/** Whether a file or folder can be found at a path of this disk. */
export function fileExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
