import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../files/parseJson.ts';
import { readPlainText } from '../../files/plainFile.ts';
import type { StoredTensor, TensorSource } from './checkpoint.ts';
import { decodeBfloat16, decodeFloat16 } from './halfPrecision.ts';
import { readSafetensorsHeader, type SafetensorsEntry } from './safetensorsHeader.ts';
import { findTensor } from './tensorNames.ts';
import { damaged, openWeightFile, unreadable, type WeightFile } from './weightFile.ts';

/** Elements converted at a time: 4 MB of file. */
const CHUNK = 2 ** 21;

export interface SafetensorsSource extends TensorSource {
  /** The files that hold the weights, in order of name. */
  readonly files: readonly string[];
  /** The `__metadata__` of all files together. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether two tensors are stored alike, to the last bit. */
  isEqual(name: string, other: string): Promise<boolean>;
}

interface Located {
  readonly file: WeightFile;
  readonly entry: SafetensorsEntry;
}

/**
 * Opens a `.safetensors` file, or a sharded checkpoint by its `model.safetensors.index.json`. Only headers are read.
 * `readInto` takes F32, F16 and BF16 tensors.
 * Throws RankscopeError('model') when a file is missing, damaged, or named outside the index's own folder.
 */
export async function openSafetensors(path: string): Promise<SafetensorsSource> {
  if (!path.endsWith('.index.json')) return openFiles([path]);
  const index = await readIndex(path);
  const names = [...new Set(index.values())].sort();
  const source = await openFiles(names.map((name) => join(dirname(path), name)));
  const missing = [...index].find(([tensor]) => !source.tensors.has(tensor));
  if (missing !== undefined) {
    await source.close();
    throw damaged(path, `it places tensor ${missing[0]} in ${missing[1]}, which does not hold it`);
  }
  return source;
}

/** Tensor name to shard file name. */
async function readIndex(path: string): Promise<Map<string, string>> {
  const text = await readPlainText(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  let map: unknown;
  try {
    map = (parseJson(text) as { weight_map?: unknown } | null)?.weight_map;
  } catch (error) {
    throw damaged(path, `it is not valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw damaged(path, 'it has no weight_map');
  return new Map(Object.entries(map).map(([tensor, file]) => [tensor, plainFileName(path, tensor, file)]));
}

/** An index that names `../x` would have us open files that are no part of the checkpoint. */
function plainFileName(path: string, tensor: string, file: unknown): string {
  if (typeof file === 'string' && /^[^/\\\0]+\.safetensors$/.test(file) && basename(file) === file) return file;
  throw damaged(path, `it places tensor ${tensor} in ${JSON.stringify(file)}, which is no .safetensors file beside it`);
}

async function openFiles(paths: readonly string[]): Promise<SafetensorsSource> {
  const opened: WeightFile[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((file) => file.close()));
  };
  const located = new Map<string, Located>();
  const metadata: Record<string, string> = {};
  try {
    for (const path of paths) {
      const file = await openWeightFile(path);
      opened.push(file);
      const header = await readSafetensorsHeader(file);
      Object.assign(metadata, header.metadata);
      for (const entry of header.entries) addTensor(located, { file, entry });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const tensors = new Map<string, StoredTensor>([...located].map(([name, { entry }]) => [name, entry]));
  const readInto = async (name: string, out: Float32Array): Promise<void> => {
    const stored = findTensor(tensors, name, paths.join(', '));
    const place = located.get(stored.name);
    if (place === undefined) throw damaged(paths.join(', '), `tensor ${name} has no place`);
    await readTensor(place, out);
  };
  const isEqual = async (name: string, other: string): Promise<boolean> => {
    const [one, two] = [located.get(name), located.get(other)];
    return one !== undefined && two !== undefined && (await isSame(one, two));
  };
  return { files: paths, metadata, tensors, readInto, isEqual, close };
}

async function isSame(one: Located, two: Located): Promise<boolean> {
  const { storage, bytes } = one.entry;
  if (storage !== two.entry.storage || bytes !== two.entry.bytes) return false;
  const [a, b] = [one, two].map(() => new Uint8Array(Math.min(bytes, CHUNK)));
  if (!a || !b) return false;
  for (let done = 0; done < bytes; done += CHUNK) {
    const length = Math.min(CHUNK, bytes - done);
    for (const [part, { file, entry }] of [
      [a, one],
      [b, two],
    ] as const) {
      await file.read(part.subarray(0, length), entry.offset + done, `tensor ${entry.name}`);
    }
    if (Buffer.compare(a.subarray(0, length), b.subarray(0, length)) !== 0) return false;
  }
  return true;
}

function addTensor(located: Map<string, Located>, place: Located): void {
  const { name } = place.entry;
  const other = located.get(name);
  if (other !== undefined)
    throw damaged(place.file.path, `it holds tensor ${name}, which ${other.file.path} holds too`);
  located.set(name, place);
}

async function readTensor({ file, entry }: Located, out: Float32Array): Promise<void> {
  const count = entry.shape.reduce((product, size) => product * size, 1);
  if (out.length !== count) {
    throw damaged(
      file.path,
      `tensor ${entry.name} has shape [${entry.shape.join(', ')}], ${count} elements, where the model has ${out.length}`,
      'The weights and config.json belong to different models.',
    );
  }
  const what = `tensor ${entry.name}`;
  if (entry.storage === 'F32') {
    await file.read(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), entry.offset, what);
    return;
  }
  const decode = entry.storage === 'F16' ? decodeFloat16 : entry.storage === 'BF16' ? decodeBfloat16 : undefined;
  if (decode === undefined) {
    throw damaged(file.path, `${what} is stored as ${entry.storage}`, 'Convert the checkpoint to F32, F16 or BF16.');
  }
  const bits = new Uint16Array(Math.min(count, CHUNK));
  for (let done = 0; done < count; done += CHUNK) {
    const part = bits.subarray(0, Math.min(CHUNK, count - done));
    await file.read(new Uint8Array(part.buffer, 0, part.byteLength), entry.offset + 2 * done, what);
    decode(part, out, done);
  }
}
