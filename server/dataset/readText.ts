import { decodedText } from '../files/decodedText.ts';
import { isParquet, parquetLines } from '../files/parquetLines.ts';
import { readPlainFile } from '../files/plainFile.ts';
import { unpacked } from '../files/unpacked.ts';
import { RankscopeError } from '../protocol/errors.ts';

/**
 * A data set file's text: unpacked where it is gzip, JSON Lines where it is Parquet, UTF-8 or UTF-16 otherwise, whatever its
 * name says. Throws RankscopeError('data') where it cannot be read.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readPlainFile(path).catch((error: unknown) => {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = error instanceof Error ? error.message : String(error);
    const what = isMissing ? 'the file does not exist' : `the file cannot be read (${reason})`;
    const details = { code: 'data' as const, what, where: path, remedy: 'Check the path and its permissions.' };
    throw new RankscopeError(details, { cause: error });
  });
  const content = await unpacked(bytes, path);
  return isParquet(content) ? parquetLines(content, path) : decodedText(content, path);
}
