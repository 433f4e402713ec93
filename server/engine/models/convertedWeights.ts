import { mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { internal } from '../../protocol/errors.ts';
import type { MappedWeights } from '../onnx/program.ts';
import type { ExternalData } from '../onnx/serialize.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { diskErrorOr } from '../weights/diskError.ts';
import { decodeFloat16, encodeFloat16 } from '../weights/halfPrecision.ts';
import type { Parameter } from './modelConfig.ts';
import { parametersOf, type ModelDefinition } from './modelDefinition.ts';
import { checkStored } from './modelWeights.ts';

/** Where mapped files may be cut, on every system. */
const ALIGNMENT = 65_536;

/**
 * How the matrices of a model are kept: as float32, or as binary16, which takes half the memory and is widened where it
 * is used. Vectors and computed tables are float32 always.
 */
export type WeightStorage = 'float32' | 'float16';

const FILES: Readonly<Record<WeightStorage, string>> = { float32: 'weights.bin', float16: 'weights.f16.bin' };
const BYTES: Readonly<Record<WeightStorage, number>> = { float32: 4, float16: 2 };

interface Place extends Parameter {
  readonly storage: WeightStorage;
  readonly offset: number;
  readonly count: number;
}

export interface ConversionOptions {
  readonly onProgress?: (done: number, total: number) => void;
  /** Parameters to leave out. */
  readonly omitted?: ReadonlySet<string>;
  /** float32 unless given. */
  readonly storage?: WeightStorage;
  /** Whether programs may lay the weights out anew for their kernels; they may unless told otherwise. */
  readonly prepack?: boolean;
}

/**
 * A model's parameters, row-major in Hugging Face's layout, in one file that programs map: the system holds one copy of
 * it for all of them, and drops its pages when memory is short. Computed tables are among them.
 */
export class ConvertedWeights implements MappedWeights {
  readonly folder: string;
  readonly prepacks: boolean;
  private readonly file: string;
  private readonly places: ReadonlyMap<string, Place>;

  constructor(folder: string, file: string, places: ReadonlyMap<string, Place>, prepacks = true) {
    this.folder = folder;
    this.file = file;
    this.places = places;
    this.prepacks = prepacks;
  }

  place(name: string): ExternalData | undefined {
    const place = this.places.get(name);
    if (!place) return undefined;
    const { offset, storage, count } = place;
    return { location: this.file, offset, length: BYTES[storage] * count, dtype: storage };
  }

  /** Reads one parameter into memory of its size, widened to float32. */
  async readInto(name: string, out: Float32Array): Promise<void> {
    const place = this.places.get(name);
    if (place?.count !== out.length) throw internal(`The converted weights hold no ${name} of ${out.length} elements.`);
    const bits = place.storage === 'float16' ? new Uint16Array(out.length) : out;
    const file = await open(path.join(this.folder, this.file), 'r');
    try {
      const bytes = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, 2 ** 30), place.offset + at);
        if (bytesRead === 0) throw internal(`The converted weights end before ${name}.`);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
    if (bits instanceof Uint16Array) decodeFloat16(bits, out);
  }
}

/**
 * Converts a checkpoint once into `folder`, which must be named after the checkpoint's hash; what is there already is
 * used. Kept as float16, a matrix with a number beyond 65,504 stays float32. Throws RankscopeError('model') naming the
 * first tensor that is missing or of another shape, and ('disk') when there is no room; a half-written file is never
 * taken for a whole one.
 */
export async function convertWeights(
  definition: ModelDefinition,
  { tensors, path: where }: Pick<Checkpoint, 'tensors' | 'path'>,
  folder: string,
  { onProgress, omitted = new Set(), storage = 'float32', prepack = true }: ConversionOptions = {},
): Promise<ConvertedWeights> {
  const parameters = parametersOf(definition).filter(({ name }) => !omitted.has(name));
  checkStored(parameters, tensors, where);
  const target = path.join(folder, FILES[storage]);
  const known = storage === 'float32' ? [] : await readNames(wideFile(target));
  const before = known && layOut(parameters, storage, new Set(known));
  if (before && (await sizeOf(target)) === before.bytes) {
    return new ConvertedWeights(folder, FILES[storage], before.places, prepack);
  }
  const unfinished = `${target}.${process.pid}`;
  const wide = new Set<string>();
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(unfinished, 'w');
    try {
      await write(file, parameters, tensors, { storage, wide, onProgress });
    } finally {
      await file.close();
    }
    if (storage !== 'float32') await writeFile(wideFile(target), JSON.stringify([...wide]));
    await rename(unfinished, target);
  } catch (error) {
    // What cannot be removed was not made; the first error is the one to tell.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw diskErrorOr(target, error);
  }
  return new ConvertedWeights(folder, FILES[storage], layOut(parameters, storage, wide).places, prepack);
}

/** Names of the matrices that stayed float32, beside the file. */
const wideFile = (target: string): string => `${target}.wide.json`;

async function readNames(file: string): Promise<readonly string[] | undefined> {
  try {
    const names: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    // Not written, or not whole: the weights are converted anew.
    return undefined;
  }
}

const mayBeHalf = ({ shape, compute }: Parameter): boolean => shape.length === 2 && !compute;
const countOf = ({ shape }: Parameter): number => shape.reduce((a, b) => a * b, 1);
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

function layOut(
  parameters: readonly Parameter[],
  storage: WeightStorage,
  wide: ReadonlySet<string>,
): { places: Map<string, Place>; bytes: number } {
  let offset = 0;
  const places = new Map<string, Place>();
  for (const parameter of parameters) {
    const own = mayBeHalf(parameter) && !wide.has(parameter.name) ? storage : 'float32';
    const count = countOf(parameter);
    places.set(parameter.name, { ...parameter, storage: own, offset, count });
    offset += aligned(BYTES[own] * count);
  }
  return { places, bytes: offset };
}

interface Writing {
  readonly storage: WeightStorage;
  /** Gets the names of matrices that are too large for binary16. */
  readonly wide: Set<string>;
  readonly onProgress: ConversionOptions['onProgress'];
}

async function write(
  file: FileHandle,
  parameters: readonly Parameter[],
  tensors: Checkpoint['tensors'],
  { storage, wide, onProgress }: Writing,
): Promise<void> {
  const largest = Math.max(0, ...parameters.filter((p) => !p.compute).map(countOf));
  const [floats, halves] = [new Float32Array(largest), new Uint16Array(storage === 'float16' ? largest : 0)];
  let offset = 0;
  for (const [i, parameter] of parameters.entries()) {
    const { name, compute } = parameter;
    const data = compute?.() ?? floats.subarray(0, countOf(parameter));
    if (!compute) await tensors.readInto(name, data);
    const narrow = storage === 'float16' && mayBeHalf(parameter) ? narrowed(data, halves) : undefined;
    if (storage === 'float16' && mayBeHalf(parameter) && !narrow) wide.add(name);
    const stored = narrow ?? data;
    await writeAt(file, new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), offset);
    offset += aligned(stored.byteLength);
    onProgress?.(i + 1, parameters.length);
  }
  await file.truncate(offset);
  await file.sync();
}

/** As binary16, or undefined where a number is too large for it. */
function narrowed(data: Float32Array, room: Uint16Array): Uint16Array | undefined {
  const out = room.subarray(0, data.length);
  return encodeFloat16(data, out) < 0 ? out : undefined;
}

async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, Math.min(bytes.length - at, 2 ** 30), offset + at)).bytesWritten;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    (info) => info.size,
    () => undefined,
  );
}
