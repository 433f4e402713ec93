import { parseJson } from '../../files/parseJson.ts';
import type { StoredTensor } from './checkpoint.ts';
import { damaged, type WeightFile } from './weightFile.ts';

/** Bytes per element of every type the format knows (safetensors 0.5, `Dtype`). */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

/** The reference implementation's own limit (`MAX_HEADER_SIZE`). */
const LARGEST_HEADER = 100_000_000;

/** One tensor of a safetensors file. */
export interface SafetensorsEntry extends StoredTensor {
  /** Position of its first byte in the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads and checks the header: an 8-byte little-endian length, that much JSON, then the data, which the tensors must
 * cover without gap or overlap (https://github.com/huggingface/safetensors#format).
 * Throws RankscopeError('model') naming the file and the tensor.
 */
export async function readSafetensorsHeader(file: WeightFile): Promise<SafetensorsHeader> {
  const length = await readHeaderLength(file);
  const text = Buffer.alloc(length);
  await file.read(text, 8, 'the header');
  const json = parseHeader(file.path, text);
  const { __metadata__: metadata = {}, ...tensors } = json;
  const entries = Object.entries(tensors).map(([name, value]) => parseEntry(file.path, name, value, 8 + length));
  checkCoverage(file, entries, 8 + length);
  return { entries, metadata: parseMetadata(file.path, metadata) };
}

async function readHeaderLength(file: WeightFile): Promise<number> {
  if (file.size < 8) throw damaged(file.path, `a safetensors file has 8 bytes or more, this one ${file.size}`);
  const prefix = Buffer.alloc(8);
  await file.read(prefix, 0, 'the header length');
  const length = prefix.readBigUInt64LE();
  if (length > BigInt(file.size - 8)) {
    throw damaged(file.path, `it states a header of ${length} bytes, but the whole file has ${file.size}`);
  }
  if (length > BigInt(LARGEST_HEADER)) {
    throw damaged(file.path, `its header of ${length} bytes is above the format's limit of ${LARGEST_HEADER}`);
  }
  return Number(length);
}

function parseHeader(path: string, text: Buffer): Record<string, unknown> {
  let json: unknown;
  try {
    json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    throw damaged(path, `its header is not valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isRecord(json)) throw damaged(path, 'its header is not a JSON object');
  return json;
}

function parseEntry(path: string, name: string, value: unknown, dataStart: number): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  const fault = (what: string): never => {
    throw damaged(path, `tensor ${name} ${what}`);
  };
  const elementBytes =
    typeof dtype === 'string' && Object.hasOwn(ELEMENT_BYTES, dtype) ? ELEMENT_BYTES[dtype] : undefined;
  if (typeof dtype !== 'string' || elementBytes === undefined) {
    return fault(`has the unknown type ${JSON.stringify(dtype)}`);
  }
  if (!isCountList(shape)) return fault(`has the shape ${JSON.stringify(shape)}, which is no list of sizes`);
  if (!isCountList(offsets) || offsets.length !== 2) return fault('has no valid data_offsets');
  const [begin = 0, end = 0] = offsets;
  const bytes = shape.reduce((product, size) => product * size, elementBytes);
  if (begin > end) return fault(`ends (${end}) before it begins (${begin})`);
  if (end - begin !== bytes) {
    return fault(`has ${end - begin} bytes, but ${dtype} of shape [${shape.join(', ')}] needs ${bytes}`);
  }
  return { name, shape, storage: dtype, offset: dataStart + begin, bytes };
}

/** Tensors must lie end to end from the first data byte to the last of the file, whatever their order in the header. */
function checkCoverage(file: WeightFile, entries: readonly SafetensorsEntry[], dataStart: number): void {
  let position = dataStart;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
    if (entry.offset < position) throw damaged(file.path, `tensor ${entry.name} overlaps the one before it`);
    if (entry.offset > position) throw damaged(file.path, `there is a gap of unused bytes before tensor ${entry.name}`);
    position += entry.bytes;
    if (position > file.size) {
      throw damaged(file.path, `tensor ${entry.name} ends at byte ${position}, but the file has ${file.size}`);
    }
  }
  if (position < file.size) throw damaged(file.path, `${file.size - position} bytes follow the last tensor`);
}

function parseMetadata(path: string, value: unknown): Record<string, string> {
  if (!isRecord(value)) throw damaged(path, 'its __metadata__ is not a JSON object');
  const pairs = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== 'string') throw damaged(path, `its __metadata__ entry ${key} is not a text`);
    return [key, text];
  });
  return Object.fromEntries(pairs);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}
