import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import { diskErrorOr } from './diskError.ts';
import { encodeFloat16 } from './halfPrecision.ts';

/** Bytes handed to the system at a time. */
const CHUNK = 2 ** 22;

export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major values, or a function that gives them when their turn comes, so that not all need be in memory. */
  readonly data: Float32Array | (() => Float32Array | Promise<Float32Array>);
  /** F32 when absent. F16 rounds to nearest even, and refuses values beyond 65,504. */
  readonly storage?: 'F32' | 'F16';
}

/** The one call to the file system that a full disk fails; a test gives its own. */
export type OpenForWriting = (path: string, flags: 'wx') => Promise<FileHandle>;

/**
 * Writes a safetensors file. It appears whole or not at all: the bytes go to a temporary file beside it, which is
 * flushed to the disk and then renamed. F32 tensors come first, as the reference does, so that every one is aligned.
 * Throws RankscopeError('disk') when there is no room or no permission, ('model') when F16 cannot hold a value.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
  openFile: OpenForWriting = open,
): Promise<void> {
  const ordered = [...tensors].sort((a, b) => elementBytes(b) - elementBytes(a));
  const header = buildHeader(path, ordered, metadata);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.partial`;
  try {
    const handle = await openFile(temporary, 'wx');
    try {
      await writeAll(handle, header);
      for (const tensor of ordered) await writeTensor(handle, path, tensor);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskErrorOr(path, error);
  }
}

function elementBytes(tensor: TensorToWrite): number {
  return tensor.storage === 'F16' ? 2 : 4;
}

function elementCount(tensor: TensorToWrite): number {
  return tensor.shape.reduce((product, size) => product * size, 1);
}

/** The 8-byte length and the JSON, padded with spaces to a multiple of 8 so that the data is aligned. */
function buildHeader(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  const entries = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) entries.set('__metadata__', metadata);
  let offset = 0;
  for (const tensor of tensors) {
    if (entries.has(tensor.name)) throw refused(path, tensor, 'is given twice');
    const end = offset + elementCount(tensor) * elementBytes(tensor);
    entries.set(tensor.name, { dtype: tensor.storage ?? 'F32', shape: tensor.shape, data_offsets: [offset, end] });
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)), 'utf8');
  const padded = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded));
  json.copy(header, 8);
  return header;
}

async function writeTensor(handle: FileHandle, path: string, tensor: TensorToWrite): Promise<void> {
  const data = typeof tensor.data === 'function' ? await tensor.data() : tensor.data;
  if (data.length !== elementCount(tensor)) {
    throw refused(path, tensor, `has ${data.length} values for the shape [${tensor.shape.join(', ')}]`);
  }
  if (tensor.storage !== 'F16') {
    await writeAll(handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return;
  }
  const bits = new Uint16Array(Math.min(data.length, CHUNK / 2));
  for (let done = 0; done < data.length; done += bits.length) {
    const part = data.subarray(done, done + bits.length);
    const overflow = encodeFloat16(part, bits);
    if (overflow >= 0) throw refused(path, tensor, `holds ${part[overflow] ?? NaN}, beyond the range of F16`);
    await writeAll(handle, new Uint8Array(bits.buffer, 0, 2 * part.length));
  }
}

/** One write may take fewer bytes than given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(CHUNK, bytes.length - done));
    done += bytesWritten;
  }
}

/** Makes the rename itself durable. Windows cannot open folders, and needs no such step. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function refused(path: string, tensor: TensorToWrite, what: string): RankscopeError {
  return new RankscopeError({ code: 'model', what: `tensor ${tensor.name} ${what}.`, where: path });
}
