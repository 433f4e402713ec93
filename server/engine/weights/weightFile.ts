import { openPlainFile } from '../../files/plainFile.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** Node refuses reads of 2 GiB and above; 1 GiB keeps a margin. */
const LARGEST_READ = 2 ** 30;

/** A weight file opened for positioned reads; nothing of it is held in memory. */
export interface WeightFile {
  readonly path: string;
  /** Bytes, when it was opened. */
  readonly size: number;
  /**
   * Fills `into` from byte `position` of the file. `what` names the wanted thing for the error.
   * Throws RankscopeError('model') when the file ends before.
   */
  read(into: Uint8Array, position: number, what: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens `path` for reading.
 * Throws RankscopeError('model') when it is missing or no plain file, RankscopeError('disk') when it cannot be read.
 */
export async function openWeightFile(path: string): Promise<WeightFile> {
  const handle = await openPlainFile(path, { most: Infinity }).catch((error: unknown) => {
    if (!(error instanceof RankscopeError)) throw unreadable(path, error);
    throw damaged(path, 'it is not a file', 'Name a weight file, or the folder that holds it.');
  });
  const stat = await handle.stat();
  const read = async (into: Uint8Array, position: number, what: string): Promise<void> => {
    for (let done = 0; done < into.length;) {
      const length = Math.min(into.length - done, LARGEST_READ);
      const { bytesRead } = await handle.read(into, done, length, position + done).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      if (bytesRead === 0) throw damaged(path, `the file ends at byte ${position + done}, inside ${what}`);
      done += bytesRead;
    }
  };
  return { path, size: stat.size, read, close: () => handle.close() };
}

/** A fault of the file's content: `what` says which, the remedy defaults to fetching the file again. */
export function damaged(
  path: string,
  what: string,
  remedy = 'The file is damaged or incomplete: download or convert it again.',
): RankscopeError {
  return new RankscopeError({ code: 'model', what: `${what}.`, where: path, remedy });
}

/** The file system would not give us `path`. */
export function unreadable(path: string, error: unknown): RankscopeError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new RankscopeError(
      { code: 'model', what: 'there is no such file.', where: path, remedy: 'Check the path of the model.' },
      { cause: error },
    );
  }
  return new RankscopeError(
    { code: 'disk', what: `it cannot be read (${reason}).`, where: path, remedy: 'Check permissions and the disk.' },
    { cause: error },
  );
}
