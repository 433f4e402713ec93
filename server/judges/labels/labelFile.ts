import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { noFollow, readPlainText, refuseLink } from '../../files/plainFile.ts';
import { errorDetails, RankscopeError } from '../../protocol/errors.ts';
import { labelRecord, type LabelRecord } from '../../protocol/labelRecord.ts';

/** Ending of the files that hold what people said of the texts of the file beside them. */
export const labelFileEnding = '.labels.jsonl';

/** Where the labels of a document are kept; undefined for one that is no file. */
export function labelPathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri) + labelFileEnding;
  } catch {
    return undefined;
  }
}

export interface LabelFileContent {
  readonly records: readonly LabelRecord[];
  /** 1-based numbers of lines that are no label; they stay in the file. */
  readonly broken: readonly number[];
}

/** The labels of a file; none where it does not exist. Throws `disk` where it cannot be read. */
export async function readLabelFile(path: string): Promise<LabelFileContent> {
  let text: string;
  try {
    text = await readPlainText(path, { links: 'refuse' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { records: [], broken: [] };
    throw onDisk('read', path, error);
  }
  return parseLabels(text);
}

/** Reads a label file's text; a broken line, which a crash or a hand may leave, costs only itself. */
export function parseLabels(text: string): LabelFileContent {
  const records: LabelRecord[] = [];
  const broken: number[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const parsed = parseRecord(line);
    if (parsed === undefined) broken.push(index + 1);
    else records.push(parsed);
  });
  return { records, broken };
}

function parseRecord(line: string): LabelRecord | undefined {
  try {
    return labelRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/**
 * Adds records at the end. All go in one write of a file opened for appending, so that several processes may label at
 * once and no line is lost or mixed; nothing that stands in the file is ever touched. A last line that a crash cut
 * short is closed first. A link is refused: it may have come with the data set, and what it names is not ours to write.
 * Throws `disk`.
 */
export async function appendLabels(path: string, records: readonly LabelRecord[]): Promise<void> {
  const lines = records.map((one) => `${JSON.stringify(one)}\n`).join('');
  try {
    await refuseLink(path);
    const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noFollow);
    try {
      const { size } = await file.stat();
      const torn = size > 0 && (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0] !== 10;
      await file.appendFile(torn ? `\n${lines}` : lines);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw onDisk('written', path, error);
  }
}

function onDisk(what: 'read' | 'written', path: string, error: unknown): RankscopeError {
  const details = {
    code: 'disk' as const,
    what: `The label file cannot be ${what}: ${errorDetails(error).what}`,
    where: path,
    remedy: 'Check that the folder exists and can be written to.',
  };
  return new RankscopeError(details, { cause: error });
}
