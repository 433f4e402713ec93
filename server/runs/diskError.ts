import { RankscopeError } from '../protocol/errors.ts';

interface Explanation {
  readonly what: string;
  readonly remedy: string;
}

const explanations: Readonly<Record<string, Explanation>> = {
  ENOSPC: { what: 'the disk is full', remedy: 'Free some space, then resume the run.' },
  EDQUOT: { what: 'the disk quota is used up', remedy: 'Free some space, then resume the run.' },
  EACCES: { what: 'access is not permitted', remedy: 'Change the permissions or choose another folder.' },
  EPERM: { what: 'the operation is not permitted', remedy: 'Change the permissions or choose another folder.' },
  EROFS: { what: 'the file system is read-only', remedy: 'Choose a folder that can be written to.' },
  EIO: { what: 'the disk reports an input/output error', remedy: 'Check the disk.' },
  EMFILE: { what: 'too many files are open', remedy: 'Raise the limit of open files (ulimit -n).' },
  ENOTDIR: { what: 'a part of the path is a file, not a folder', remedy: 'Choose another folder.' },
  EISDIR: { what: 'this is a folder, not a file', remedy: 'Give the path of a file.' },
  ENOENT: { what: 'there is no such file or folder', remedy: 'Check the path.' },
  ENAMETOOLONG: { what: 'the path is too long', remedy: 'Choose a shorter name.' },
};

/** The code of a file system error, e.g. `ENOSPC`. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Turns the error of a file operation on `path` into a RankscopeError('disk') that says what it means and what to
 * do about it.
 */
export function diskError(error: unknown, path: string): RankscopeError {
  if (error instanceof RankscopeError) return error;
  const code = systemCode(error) ?? '';
  const known = explanations[code];
  const what = known ? `${known.what} (${code})` : error instanceof Error ? error.message : String(error);
  return new RankscopeError(
    { code: 'disk', what, where: path, remedy: known?.remedy ?? 'Check the disk and the path.' },
    { cause: error },
  );
}

/** Runs a file operation on `path` and rethrows its errors as RankscopeError('disk'). */
export async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw diskError(error, path);
  }
}
