import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { internal } from '../../protocol/errors.ts';
import type { MappedWeights } from '../onnx/program.ts';
import type { ExternalData } from '../onnx/serialize.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { diskErrorOr } from '../weights/diskError.ts';
import type { Parameter } from './modelConfig.ts';
import { parametersOf, type ModelDefinition } from './modelDefinition.ts';
import { checkStored } from './modelWeights.ts';

/** Where mapped files may be cut, on every system. */
const ALIGNMENT = 65_536;
const FILE = 'weights.bin';

interface Place extends Parameter {
  readonly offset: number;
  readonly count: number;
}

/**
 * A model's parameters as float32, row-major in Hugging Face's layout, in one file that programs map: the system holds
 * one copy of it for all of them, and drops its pages when memory is short. Computed tables are among them.
 */
export class ConvertedWeights implements MappedWeights {
  readonly folder: string;
  private readonly places: ReadonlyMap<string, Place>;

  constructor(folder: string, places: ReadonlyMap<string, Place>) {
    this.folder = folder;
    this.places = places;
  }

  place(name: string): ExternalData | undefined {
    const place = this.places.get(name);
    return place && { location: FILE, offset: place.offset, length: 4 * place.count };
  }

  /** Reads one parameter into memory of its size. */
  async readInto(name: string, out: Float32Array): Promise<void> {
    const place = this.places.get(name);
    if (place?.count !== out.length) throw internal(`The converted weights hold no ${name} of ${out.length} elements.`);
    const file = await open(path.join(this.folder, FILE), 'r');
    try {
      const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, 2 ** 30), place.offset + at);
        if (bytesRead === 0) throw internal(`The converted weights end before ${name}.`);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }
}

/**
 * Converts a checkpoint once into `folder`, which must be named after the checkpoint's hash; what is there already is
 * used. Throws RankscopeError('model') naming the first tensor that is missing or of another shape, and ('disk') when
 * there is no room; a half-written file is never taken for a whole one. Parameters that are `omitted` are left out.
 */
export async function convertWeights(
  definition: ModelDefinition,
  { tensors, path: where }: Pick<Checkpoint, 'tensors' | 'path'>,
  folder: string,
  onProgress?: (done: number, total: number) => void,
  omitted: ReadonlySet<string> = new Set(),
): Promise<ConvertedWeights> {
  const parameters = parametersOf(definition).filter(({ name }) => !omitted.has(name));
  checkStored(parameters, tensors, where);
  const { places, bytes } = layOut(parameters);
  const weights = new ConvertedWeights(folder, places);
  const target = path.join(folder, FILE);
  if ((await sizeOf(target)) === bytes) return weights;
  const unfinished = `${target}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(unfinished, 'w');
    try {
      await write(file, [...places.values()], tensors, bytes, onProgress);
    } finally {
      await file.close();
    }
    await rename(unfinished, target);
  } catch (error) {
    // What cannot be removed was not made; the first error is the one to tell.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw diskErrorOr(target, error);
  }
  return weights;
}

function layOut(parameters: readonly Parameter[]): { places: Map<string, Place>; bytes: number } {
  let offset = 0;
  const places = new Map<string, Place>();
  for (const parameter of parameters) {
    const count = parameter.shape.reduce((a, b) => a * b, 1);
    places.set(parameter.name, { ...parameter, offset, count });
    offset += Math.ceil((4 * count) / ALIGNMENT) * ALIGNMENT;
  }
  return { places, bytes: offset };
}

async function write(
  file: FileHandle,
  places: readonly Place[],
  tensors: Checkpoint['tensors'],
  bytes: number,
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<void> {
  for (const [i, { name, count, offset, compute }] of places.entries()) {
    const data = compute?.() ?? new Float32Array(count);
    if (!compute) await tensors.readInto(name, data);
    const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at < view.length;) {
      at += (await file.write(view, at, Math.min(view.length - at, 2 ** 30), offset + at)).bytesWritten;
    }
    onProgress?.(i + 1, places.length);
  }
  await file.truncate(bytes);
  await file.sync();
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    (info) => info.size,
    () => undefined,
  );
}
