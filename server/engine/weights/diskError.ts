import { RankscopeError } from '../../protocol/errors.ts';

/** What to throw for `error`: RankscopeError('disk') when it comes from the file system, else itself. */
export function diskErrorOr(path: string, error: unknown): unknown {
  // The network's errors carry a system call too, but none of these.
  const calls = ['open', 'write', 'fsync', 'close', 'rename', 'mkdir', 'symlink', 'copyfile'];
  const fromDisk = error instanceof Error && 'syscall' in error && calls.includes(String(error.syscall));
  return fromDisk ? diskError(path, error) : error;
}

/** What the file system said, with the remedy that fits. */
function diskError(path: string, error: unknown): RankscopeError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new RankscopeError(
    {
      code: 'disk',
      what: full ? `the disk has no room for it (${code}).` : `it cannot be written (${reason}).`,
      where: path,
      remedy: full
        ? 'Free some space or choose another folder; nothing was left behind.'
        : 'Check the folder and its permissions.',
    },
    { cause: error },
  );
}
