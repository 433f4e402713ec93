import { RankscopeError } from '../../protocol/errors.ts';
import { tokenizerFromGguf } from '../tokenizer/tokenizerFromGguf.ts';
import type { Checkpoint, StoredTensor, TensorSource } from '../weights/checkpoint.ts';
import { ggufArchitecture, huggingFaceName } from './ggufArchitectures.ts';
import { readGgufHeader, type GgufHeader, type GgufTensor } from '../weights/ggufHeader.ts';
import { ROPE_FACTORS, type Arrangement, type GgufContents } from './ggufLayout.ts';
import { metadataNumber, metadataString } from '../weights/ggufMetadata.ts';
import { hashFiles } from '../weights/hashFiles.ts';
import { findTensor } from '../weights/tensorNames.ts';
import { damaged, openWeightFile, type WeightFile } from '../weights/weightFile.ts';

/** Bytes of the file in memory at a time. */
const CHUNK = 2 ** 22;

interface Located extends StoredTensor {
  readonly stored: GgufTensor;
  readonly arrangement: Arrangement;
}

/**
 * Opens a single-file GGUF model: config and tokenizer rebuilt from its metadata, tensors by Hugging Face's names and
 * in its arrangement, dequantised to float32 as they are read.
 * Throws RankscopeError('model') or ('tokenizer') naming file and place when it is damaged or of an unknown kind.
 */
export async function openGguf(path: string): Promise<Checkpoint> {
  const file = await openWeightFile(path);
  try {
    const header = await readGgufHeader(file);
    const factors = await readRopeFactors(file, header);
    return naming(path, () => checkpoint(file, header, factors));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readRopeFactors(file: WeightFile, { tensors }: GgufHeader): Promise<GgufContents['factors']> {
  const factors = new Map<string, readonly number[]>();
  for (const stored of tensors.filter(({ name }) => isRopeFactors(name))) {
    const values = new Float32Array(stored.shape.reduce((product, size) => product * size, 1));
    await readTensor(file, locate(stored, stored.name, { kind: 'same' }), values);
    factors.set(stored.name, [...values]);
  }
  return factors;
}

const isRopeFactors = (name: string): boolean => ROPE_FACTORS.some((known) => known === name);

function checkpoint(file: WeightFile, { metadata, tensors }: GgufHeader, factors: GgufContents['factors']): Checkpoint {
  if (/-\d{5}-of-\d{5}\.gguf$/.test(file.path) && metadata.has('split.count') && metadata.get('split.count') !== 1) {
    throw damaged(
      file.path,
      'it is one part of a split GGUF',
      "Join the parts with llama.cpp's llama-gguf-split --merge.",
    );
  }
  const architecture = ggufArchitecture(metadata);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const config = architecture.config({ metadata, tensors: byName, factors });
  const weights = tensors.filter(({ name }) => !isRopeFactors(name));
  const located = weights.map((stored) => {
    const name = huggingFaceName(architecture, stored.name) ?? stored.name;
    return locate(stored, name, architecture.arrangement(stored.name, config));
  });
  const tokenizer = tokenizerFromGguf(metadata);
  const ends = END_TOKENS.flatMap((key) => metadataNumber(metadata, key) ?? []);
  const chatTemplate = metadataString(metadata, 'tokenizer.chat_template');
  return {
    path: file.path,
    config,
    ...(ends.length > 0 && { generation: { eos_token_id: ends } }),
    tensors: tensorSource(file, located),
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    hash: () => hashFiles([file.path]),
    fileHashes: {},
  };
}

/** Tokens that end a text or a turn. */
const END_TOKENS = ['eos', 'eot', 'eom'].map((role) => `tokenizer.ggml.${role}_token_id`);

function locate(stored: GgufTensor, name: string, arrangement: Arrangement): Located {
  const shape = arrangement.kind === 'transposed' ? stored.shape.toReversed() : stored.shape;
  const rows = stored.shape[0] ?? 1;
  const parts = arrangement.kind === 'interleaved' ? 2 : arrangement.kind === 'grouped' ? 3 : 1;
  if ('heads' in arrangement && rows % (parts * arrangement.heads) !== 0) {
    throw damaged(stored.name, `its ${rows} rows do not divide into ${arrangement.heads} heads of even size`);
  }
  return { name, shape, storage: stored.type.name, stored, arrangement };
}

function tensorSource(file: WeightFile, located: readonly Located[]): TensorSource {
  const tensors = new Map(located.map((tensor) => [tensor.name, tensor]));
  return {
    tensors,
    readInto: async (name, out) => {
      const tensor = tensors.get(findTensor(tensors, name, file.path).name);
      if (tensor !== undefined) await readTensor(file, tensor, out);
    },
    close: () => file.close(),
  };
}

/** Row by row where rows or columns must move, as one stretch where not. */
async function readTensor(file: WeightFile, tensor: Located, out: Float32Array): Promise<void> {
  const { shape, bytes, offset, type } = tensor.stored;
  const count = shape.reduce((product, size) => product * size, 1);
  if (out.length !== count) {
    const what = `tensor ${tensor.name} has shape [${tensor.shape.join(', ')}], where the model has ${out.length} elements`;
    throw damaged(file.path, what, 'The file is inconsistent: convert it again.');
  }
  // A one-dimensional tensor (a bias) is a column: its elements are the rows that move.
  const { kind } = tensor.arrangement;
  const isStraight = kind === 'same' || kind === 'raised';
  const rowLength = shape.length === 1 && !isStraight ? 1 : (shape.at(-1) ?? 1);
  const rows = count / rowLength;
  const rowBytes = bytes / rows;
  const perChunk = Math.max(1, Math.floor(CHUNK / rowBytes));
  const buffer = new Uint8Array(Math.min(perChunk, rows) * rowBytes);
  for (let row = 0; row < rows; row += perChunk) {
    const taken = Math.min(perChunk, rows - row);
    const part = buffer.subarray(0, taken * rowBytes);
    await file.read(part, offset + row * rowBytes, `tensor ${tensor.name}`);
    const blocks = (taken * rowLength) / type.blockElements;
    if (isStraight) type.dequantize(part, 0, blocks, out, row * rowLength);
    else place(tensor, part, { row, taken, rows, rowLength }, out);
  }
  if (kind === 'raised') for (let i = 0; i < count; i++) out[i] = (out[i] ?? NaN) - 1;
}

interface Rows {
  readonly row: number;
  readonly taken: number;
  readonly rows: number;
  readonly rowLength: number;
}

/** Dequantises some rows of a rearranged tensor to where Hugging Face has them. */
function place({ stored, arrangement }: Located, part: Uint8Array, span: Rows, out: Float32Array): void {
  const { rowLength, rows } = span;
  const blocks = rowLength / stored.type.blockElements;
  const rowBytes = blocks * stored.type.blockBytes;
  const values = new Float32Array(rowLength);
  for (let i = 0; i < span.taken; i++) {
    const row = span.row + i;
    if ('heads' in arrangement) {
      const headRows = rows / arrangement.heads;
      const target =
        arrangement.kind === 'grouped' ? ungroupedRow(row, headRows / 3, rows) : uninterleavedRow(row, headRows);
      stored.type.dequantize(part, i * rowBytes, blocks, out, target * rowLength);
    } else {
      stored.type.dequantize(part, i * rowBytes, blocks, values, 0);
      for (let column = 0; column < rowLength; column++) out[column * rows + row] = values[column] ?? NaN;
    }
  }
}

/** Rows 2i and 2i + 1 of a head are i and i + half of Hugging Face's. */
function uninterleavedRow(row: number, headSize: number): number {
  const within = row % headSize;
  return row - within + (within >> 1) + (within & 1) * (headSize / 2);
}

/** Row i of a head's queries, keys or values, of which all heads' stand together, goes to those of its head. */
function ungroupedRow(row: number, headSize: number, rows: number): number {
  const [part, within] = [Math.floor(row / (rows / 3)), row % (rows / 3)];
  const head = Math.floor(within / headSize);
  return (3 * head + part) * headSize + (within % headSize);
}

/** Adds the file to an error of its metadata, which knows the entry only. */
function naming<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RankscopeError) || error.details.where === path) throw error;
    const where = error.details.where === undefined ? path : `${path}, ${error.details.where}`;
    throw new RankscopeError({ ...error.details, where }, { cause: error });
  }
}
