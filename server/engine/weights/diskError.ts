import { RankscopeError } from '../../protocol/errors.ts';

/** What the file system said, with the remedy that fits. */
export function diskError(path: string, error: unknown): RankscopeError {
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
