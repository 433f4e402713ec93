import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { internal } from '../../protocol/errors.ts';
import type { MappedWeights } from '../programs/program.ts';
import type { ExternalData } from '../onnx/serialize.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { diskErrorOr } from '../weights/diskError.ts';
import { hashFiles } from '../weights/hashFiles.ts';
import { readFinite } from '../weights/readFinite.ts';
import type { Parameter } from './modelConfig.ts';
import { parametersOf, type ModelDefinition } from './modelDefinition.ts';
import { checkStored } from './modelWeights.ts';
import { checkUnused } from './unusedTensors.ts';
import { decodeParameter, encodeParameter, type StoredPart } from './storedMatrix.ts';
import { countOf, externalData, layOut, type Part, type WeightLayout, type WeightStorage } from './weightLayout.ts';

const FILES: Readonly<Record<WeightStorage, string>> = {
  float32: 'weights.bin',
  float16: 'weights.f16.bin',
  int8: 'weights.i8.bin',
  int4: 'weights.i4.bin',
};

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
  private readonly layout: WeightLayout;

  constructor(folder: string, file: string, layout: WeightLayout, prepacks = true) {
    this.folder = folder;
    this.file = file;
    this.layout = layout;
    this.prepacks = prepacks;
  }

  place(name: string): ExternalData | undefined {
    const place = this.layout.places.get(name);
    return place && externalData(place, this.layout, this.file);
  }

  /** Reads one parameter into memory of its size, widened to float32. */
  async readInto(name: string, out: Float32Array): Promise<void> {
    const place = this.layout.places.get(name);
    if (place?.count !== out.length) throw internal(`The converted weights hold no ${name} of ${out.length} elements.`);
    const file = await open(path.join(this.folder, this.file), 'r');
    try {
      await decodeParameter(place, out, (part, into) => readPart(file, part, into, name));
    } finally {
      await file.close();
    }
  }
}

async function readPart(file: FileHandle, { offset }: Part, into: Uint8Array, name: string): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, Math.min(into.length - at, 2 ** 30), offset + at);
    if (bytesRead === 0) throw internal(`The converted weights end before ${name}.`);
    at += bytesRead;
  }
}

/**
 * Converts a checkpoint once into `folder`, which must be named after the checkpoint's hash; what is there already is
 * used where its bytes are those that were written, and converted anew where they are not. A matrix that cannot be kept as asked (see encodeParameter) stays float32. Throws RankscopeError('model') naming the
 * first tensor that is missing, of another shape or not finite, or those that have no place, and ('disk') when there is no
 * room; a half-written file is never taken for a whole one.
 */
export async function convertWeights(
  definition: ModelDefinition,
  { tensors, path: where }: Pick<Checkpoint, 'tensors' | 'path'>,
  folder: string,
  { onProgress, omitted = new Set(), storage = 'float32', prepack = true }: ConversionOptions = {},
): Promise<ConvertedWeights> {
  const parameters = parametersOf(definition).filter(({ name }) => !omitted.has(name));
  checkStored(parameters, tensors, where);
  checkUnused(definition, tensors, where);
  const target = path.join(folder, FILES[storage]);
  const known = storage === 'float32' ? [] : await readNames(wideFile(target));
  const layOutWith = (wide: ReadonlySet<string>): WeightLayout => layOut(definition, parameters, storage, wide);
  const before = known && layOutWith(new Set(known));
  if (before && (await sizeOf(target)) === before.bytes && (await isAsWritten(target, storage))) {
    return new ConvertedWeights(folder, FILES[storage], before, prepack);
  }
  const unfinished = `${target}.${randomUUID()}`;
  const wide = new Set<string>();
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(unfinished, 'w');
    try {
      await write(file, parameters, tensors, { layOutWith, wide, onProgress, where });
    } finally {
      await file.close();
    }
    if (storage !== 'float32') await writeFile(wideFile(target), JSON.stringify([...wide]));
    await writeFile(digestFile(target), await digestOf(unfinished, target, storage));
    await rename(unfinished, target);
  } catch (error) {
    // What cannot be removed was not made; the first error is the one to tell.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw diskErrorOr(target, error);
  }
  return new ConvertedWeights(folder, FILES[storage], layOutWith(wide), prepack);
}

/** Where the SHA-256 of what was written lies, beside it. */
const digestFile = (target: string): string => `${target}.sha256`;

/** SHA-256, hex, of the weights in `file` and of the names that say how they are laid out. */
function digestOf(file: string, target: string, storage: WeightStorage): Promise<string> {
  return hashFiles(storage === 'float32' ? [file] : [file, wideFile(target)]);
}

/** Whether the content is what was written. Weights without a digest are not taken for it. */
async function isAsWritten(target: string, storage: WeightStorage): Promise<boolean> {
  const written = await readFile(digestFile(target), 'utf8').catch(() => undefined);
  return written !== undefined && written === (await digestOf(target, target, storage));
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

interface Writing {
  readonly layOutWith: (wide: ReadonlySet<string>) => WeightLayout;
  /** Gets the names of matrices that cannot be kept as asked. */
  readonly wide: Set<string>;
  readonly onProgress: ConversionOptions['onProgress'];
  /** The checkpoint's place, for errors. */
  readonly where: string;
}

async function write(
  file: FileHandle,
  parameters: readonly Parameter[],
  tensors: Checkpoint['tensors'],
  { layOutWith, wide, onProgress, where }: Writing,
): Promise<void> {
  const floats = new Float32Array(Math.max(0, ...parameters.filter((p) => !p.compute).map(countOf)));
  let layout = layOutWith(wide);
  const encoded = (name: string, data: Float32Array): readonly StoredPart[] | undefined => {
    const place = layout.places.get(name);
    return place && encodeParameter(place, data);
  };
  for (const [i, parameter] of parameters.entries()) {
    const { name, compute } = parameter;
    const data = compute?.() ?? floats.subarray(0, countOf(parameter));
    if (!compute) await readFinite(tensors, name, data, where);
    let parts = encoded(name, data);
    if (!parts) {
      // What was written lies before this one, where it also lies in the new layout.
      layout = layOutWith(wide.add(name));
      parts = encoded(name, data);
    }
    for (const { part, bytes } of parts ?? []) await writeAt(file, bytes, part.offset);
    onProgress?.(i + 1, parameters.length);
  }
  await file.truncate(layout.bytes);
  await file.sync();
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
