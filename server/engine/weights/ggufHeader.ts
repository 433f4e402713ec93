import { GgufCursor, HeaderTooShort } from './ggufCursor.ts';
import type { GgufMetadata, GgufValue } from './ggufMetadata.ts';
import { GGUF_TYPES, type GgufType } from './dequantize.ts';
import { damaged, type WeightFile } from './weightFile.ts';

/** Read at first; most headers fit, and a longer one is read again whole. */
const FIRST_READ = 2 ** 24;
/** The largest known headers (vocabularies of 256,000 tokens) take 15 MB. */
const LARGEST_HEADER = 2 ** 27;
const LARGEST_KEY = 65_535;
const MOST_DIMENSIONS = 4;
const NESTED_ARRAYS = 4;

/** One tensor as the file has it. */
export interface GgufTensor {
  /** The file's own name, e.g. `blk.0.attn_q.weight`. */
  readonly name: string;
  /** Outermost first: the file's order, innermost first, undone. */
  readonly shape: readonly number[];
  readonly type: GgufType;
  /** Position of its first byte in the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensor[];
}

/**
 * Reads and checks the header of a GGUF file, version 2 or 3, little-endian
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 *
 * Our own rather than @huggingface/gguf: that one fills what lies past the end of the file with zeros, so a truncated
 * header reads as a smaller model, and does not check where tensors lie.
 *
 * Every count is held against the bytes that are left, so a bad one costs nothing.
 * Throws RankscopeError('model') naming the file and the place.
 */
export async function readGgufHeader(file: WeightFile, firstRead = FIRST_READ): Promise<GgufHeader> {
  const limit = Math.min(file.size, LARGEST_HEADER);
  for (let length = Math.min(firstRead, limit); ; length = Math.min(4 * length, limit)) {
    const bytes = Buffer.allocUnsafe(length);
    await file.read(bytes, 0, 'the header');
    try {
      return parseGgufHeader(new GgufCursor(bytes, file.path, file.size));
    } catch (error) {
      if (!(error instanceof HeaderTooShort)) throw error;
      if (length === limit) throw damaged(file.path, `the file ends inside ${error.what}`);
    }
  }
}

function parseGgufHeader(cursor: GgufCursor): GgufHeader {
  checkVersion(cursor);
  const tensorCount = cursor.count('the tensor count', 32);
  const entryCount = cursor.count('the metadata count', 13);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.string(`the key of metadata entry ${i}`, LARGEST_KEY);
    if (metadata.has(key)) throw cursor.fault(`the metadata key ${key} stands there twice`);
    metadata.set(key, readValue(cursor, cursor.u32(key), key, 0));
  }
  const alignment = readAlignment(cursor, metadata);
  const stored: Omit<GgufTensor, 'bytes'>[] = [];
  for (let i = 0; i < tensorCount; i++) stored.push(readTensorInfo(cursor, i));
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return { metadata, tensors: placeTensors(cursor, stored, dataStart, alignment) };
}

function checkVersion(cursor: GgufCursor): void {
  if (cursor.u32('the magic number') !== 0x46554747) {
    throw cursor.fault('it does not begin with GGUF', 'This is no GGUF file.');
  }
  const version = cursor.u32('the version');
  if (version === 2 || version === 3) return;
  const swapped = version === 0x02000000 || version === 0x03000000;
  throw cursor.fault(
    swapped ? 'it is a big-endian GGUF' : `it is GGUF version ${version}, where 2 and 3 are known`,
    'Convert it again with a current llama.cpp, little-endian.',
  );
}

/** Value types of metadata, by their number in the file. */
function readValue(cursor: GgufCursor, type: number, what: string, depth: number): GgufValue {
  switch (type) {
    case 0:
      return cursor.u8(what);
    case 1:
      return cursor.i8(what);
    case 2:
      return cursor.u16(what);
    case 3:
      return cursor.i16(what);
    case 4:
      return cursor.u32(what);
    case 5:
      return cursor.i32(what);
    case 6:
      return cursor.f32(what);
    case 7:
      return cursor.u8(what) !== 0;
    case 8:
      return cursor.string(what);
    case 9:
      return readArray(cursor, what, depth);
    case 10:
      return narrow(cursor.u64(what));
    case 11:
      return narrow(cursor.i64(what));
    case 12:
      return cursor.f64(what);
    default:
      throw cursor.fault(`metadata ${what} has the unknown type ${type}`);
  }
}

/** Least bytes an element of each value type takes. */
const VALUE_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

function readArray(cursor: GgufCursor, what: string, depth: number): readonly GgufValue[] {
  if (depth >= NESTED_ARRAYS) throw cursor.fault(`metadata ${what} nests arrays more than ${NESTED_ARRAYS} deep`);
  const type = cursor.u32(what);
  const length = cursor.count(`the length of metadata ${what}`, VALUE_BYTES[type] ?? 1);
  const values: GgufValue[] = [];
  for (let i = 0; i < length; i++) values.push(readValue(cursor, type, what, depth + 1));
  return values;
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function readAlignment(cursor: GgufCursor, metadata: GgufMetadata): number {
  const alignment = metadata.get('general.alignment') ?? 32;
  if (
    typeof alignment === 'number' &&
    alignment >= 8 &&
    alignment <= 2 ** 20 &&
    Number.isInteger(Math.log2(alignment))
  ) {
    return alignment;
  }
  throw cursor.fault(`general.alignment is ${String(alignment)}, which is no power of two from 8`);
}

function readTensorInfo(cursor: GgufCursor, index: number): Omit<GgufTensor, 'bytes'> {
  const name = cursor.string(`the name of tensor ${index}`, LARGEST_KEY);
  const what = `tensor ${name}`;
  const dimensions = cursor.u32(what);
  if (dimensions < 1 || dimensions > MOST_DIMENSIONS) throw cursor.fault(`${what} has ${dimensions} dimensions`);
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i++) shape.unshift(size(cursor, what));
  const number = cursor.u32(what);
  const type = GGUF_TYPES.get(number);
  if (type === undefined) {
    throw cursor.fault(
      `${what} is stored in type ${number}, which is not supported`,
      `Supported are ${[...GGUF_TYPES.values()].map((t) => t.name).join(', ')}: quantise the model to one of them.`,
    );
  }
  return { name, shape, type, offset: size(cursor, what, 0) };
}

function size(cursor: GgufCursor, what: string, least = 1): number {
  const value = cursor.u64(what);
  if (value < BigInt(least) || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw cursor.fault(`${what} has the impossible size or offset ${value}`);
  }
  return Number(value);
}

/** Offsets count from the data's start; no tensor may leave the file or touch another. */
function placeTensors(
  cursor: GgufCursor,
  stored: readonly Omit<GgufTensor, 'bytes'>[],
  dataStart: number,
  alignment: number,
): GgufTensor[] {
  const tensors = stored.map((tensor) => {
    if (tensor.offset % alignment !== 0)
      throw cursor.fault(`tensor ${tensor.name} is not aligned to ${alignment} bytes`);
    return { ...tensor, offset: dataStart + tensor.offset, bytes: byteLength(cursor, tensor) };
  });
  let end = dataStart;
  for (const tensor of tensors.toSorted((a, b) => a.offset - b.offset)) {
    if (tensor.offset < end) throw cursor.fault(`tensor ${tensor.name} overlaps the one before it`);
    end = tensor.offset + tensor.bytes;
    if (end > cursor.fileSize) {
      throw cursor.fault(`tensor ${tensor.name} ends at byte ${end}, but the file has ${cursor.fileSize}`);
    }
  }
  if (new Set(tensors.map((tensor) => tensor.name)).size < tensors.length)
    throw cursor.fault('two tensors share a name');
  return tensors;
}

function byteLength(cursor: GgufCursor, { name, shape, type }: Omit<GgufTensor, 'bytes'>): number {
  const rowLength = shape.at(-1) ?? 1;
  if (rowLength % type.blockElements !== 0) {
    throw cursor.fault(`tensor ${name} has rows of ${rowLength}, no multiple of ${type.name}'s ${type.blockElements}`);
  }
  const count = shape.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(count)) throw cursor.fault(`tensor ${name} has the impossible shape [${shape.join(', ')}]`);
  return (count / type.blockElements) * type.blockBytes;
}
