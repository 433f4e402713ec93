/** Reads files that may come from elsewhere: a cloned repository, an archive, a download. */
import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { RankscopeError } from '../protocol/errors.ts';

export interface PlainFileOptions {
  /** Largest size that is read, bytes: that of the longest text unless given. */
  readonly most?: number;
  /**
   * Whether a symbolic link at the path is followed or refused. The default is to follow it, as for a path that a
   * person typed.
   */
  readonly links?: 'follow' | 'refuse';
}

/** Bytes that are read at most: JavaScript's longest text has 2^29 units. */
export const longestText = 2 ** 29;

/**
 * Opens a plain file for reading and nothing else: a device such as /dev/zero never ends, and a pipe never begins. Throws
 * RankscopeError('disk') for what is no plain file, larger than allowed, or a link that is refused; what the system says of
 * any other fault.
 */
export async function openPlainFile(path: string, options: PlainFileOptions = {}): Promise<FileHandle> {
  const { most = longestText, links = 'follow' } = options;
  if (links === 'refuse') await refuseLink(path);
  // Without O_NONBLOCK opening a pipe waits for somebody to write. O_NOFOLLOW and it are not there on Windows.
  const flags = constants.O_RDONLY | nonBlocking | (links === 'refuse' ? noFollow : 0);
  const file = await open(path, flags);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unfit(path, 'it is no plain file', 'Name a file; devices and pipes are not read.');
    if (found.size > most)
      throw unfit(path, `it has ${found.size} bytes, and at most ${most} are read`, 'Give a smaller one.');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads the whole content of a plain file, under the conditions of `openPlainFile`. */
export async function readPlainFile(path: string, options: PlainFileOptions = {}): Promise<Buffer> {
  const file = await openPlainFile(path, options);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Reads a plain file as UTF-8 text, under the conditions of `openPlainFile`. */
export async function readPlainText(path: string, options: PlainFileOptions = {}): Promise<string> {
  return (await readPlainFile(path, options)).toString('utf8');
}

/** Flags of `open` under which a link at the path itself is not followed; 0 where the system has none. */
export const noFollow: number = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;
const nonBlocking: number = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0;

/** Throws RankscopeError('disk') where the path is a symbolic link. A path at which nothing stands is no link. */
export async function refuseLink(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink())
    throw unfit(path, 'it is a link, and what it points to is not ours', 'Put the file itself there.');
}

function unfit(where: string, what: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'disk', what: `${what}.`, where, remedy });
}
