import { internal } from '../../protocol/errors.ts';
import type { BlockedMatrix, Stretch } from '../onnx/quantisedWeights.ts';
import type { ExternalData } from '../onnx/serialize.ts';
import { BLOCK } from '../weights/blockQuantisation.ts';
import type { Parameter } from './modelConfig.ts';
import type { ModelDefinition } from './modelDefinition.ts';

/** Where mapped files may be cut, on every system. */
const ALIGNMENT = 65_536;

/**
 * How the matrices of a model are kept, and widened where they are used:
 *
 * - float32, as they are computed with;
 * - float16, binary16;
 * - int8, 8 bits and a scale a block of 32 numbers of a row;
 * - int4, of the linear maps 4 bits, and a scale and a minimum a block; of embeddings and heads, which were measured to
 *   bear it worse, int8.
 *
 * Vectors and computed tables are float32 always, and so is under int8 and int4 a matrix whose rows are no whole number
 * of blocks.
 */
export type WeightStorage = 'float32' | 'float16' | 'int8' | 'int4';

/** What keeps matrices in blocks of few bits, as storage and as a setting. */
export type BlockedStorage = 'int8' | 'int4';

export const isBlocked = (kept: string | undefined): kept is BlockedStorage => kept === 'int8' || kept === 'int4';

/** A parameter in the file. */
export interface Place extends Parameter {
  readonly storage: WeightStorage;
  readonly count: number;
  /** The numbers themselves, or their codes. */
  readonly data: Part;
  /** Of int8 and int4, a float32 a block. */
  readonly scales?: Part;
  /** Of int4. */
  readonly minima?: Part;
  /** Of int4: whether the rows as stored are the parameter's columns. A product is taken along stored rows. */
  readonly transposed: boolean;
}

export interface Part {
  readonly offset: number;
  readonly length: number;
}

export interface WeightLayout {
  readonly places: ReadonlyMap<string, Place>;
  /** Zeros for whatever asks for them, at the end. */
  readonly zeros: Part;
  readonly bytes: number;
}

export const countOf = ({ shape }: Parameter): number => shape.reduce((a, b) => a * b, 1);
export const isMatrix = ({ shape, compute }: Parameter): boolean => shape.length === 2 && !compute;
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** How each parameter is kept, by name, where the model's matrices are kept as `storage`. */
export function storageByName(
  definition: ModelDefinition,
  storage: WeightStorage,
): (parameter: Parameter) => WeightStorage {
  const { family, config } = definition;
  const layouts = new Map(family.linearModules(config).map(({ name, layout }) => [`${name}.weight`, layout]));
  return (parameter) => {
    if (!isMatrix(parameter)) return 'float32';
    if (storage === 'float32' || storage === 'float16') return storage;
    const [rows = 0, columns = 0] = parameter.shape;
    const layout = layouts.get(parameter.name);
    const contracted = layout === 'in-out' ? rows : columns;
    if (storage === 'int4' && layout !== undefined && contracted % BLOCK === 0) return 'int4';
    return columns % BLOCK === 0 ? 'int8' : 'float32';
  };
}

/** Bytes of a parameter kept so. */
export function bytesOf(parameter: Parameter, storage: WeightStorage): number {
  const count = countOf(parameter);
  const perBlock = 4 * (count / BLOCK);
  if (storage === 'int8') return count + perBlock;
  if (storage === 'int4') return count / 2 + 2 * perBlock;
  return count * (storage === 'float16' ? 2 : 4);
}

/** The file of a model's weights; `wide` names the matrices that are kept as float32 in spite of `storage`. */
export function layOut(
  definition: ModelDefinition,
  parameters: readonly Parameter[],
  storage: WeightStorage,
  wide: ReadonlySet<string>,
): WeightLayout {
  const ownStorage = storageByName(definition, storage);
  const isTurned = turnedNames(definition);
  let [end, zeros] = [0, 0];
  const part = (length: number): Part => {
    const offset = end;
    end += aligned(length);
    return { offset, length };
  };
  const places = new Map<string, Place>();
  for (const parameter of parameters) {
    const own = wide.has(parameter.name) ? 'float32' : ownStorage(parameter);
    const count = countOf(parameter);
    const blocks = 4 * (count / BLOCK);
    const data = part(own === 'int4' ? count / 2 : own === 'int8' ? count : bytesOf(parameter, own));
    const transposed = own === 'int4' && isTurned.has(parameter.name);
    const place = { ...parameter, storage: own, count, data, transposed };
    const scales = isBlocked(own) ? { scales: part(blocks) } : {};
    const minima = own === 'int4' ? { minima: part(blocks) } : {};
    // Zero points are half a byte a block, and those of a row begin at a byte.
    if (own === 'int4') zeros = Math.max(zeros, rowsOf(place).rows * Math.ceil(rowsOf(place).width / BLOCK / 2));
    places.set(parameter.name, { ...place, ...scales, ...minima });
  }
  return { places, zeros: part(zeros), bytes: end };
}

function turnedNames({ family, config }: ModelDefinition): ReadonlySet<string> {
  const turned = family.linearModules(config).filter(({ layout }) => layout === 'in-out');
  return new Set(turned.map(({ name }) => `${name}.weight`));
}

/** A matrix's rows as they are stored, and their length. */
export function rowsOf({ shape, transposed }: Pick<Place, 'shape' | 'transposed'>): { rows: number; width: number } {
  const [rows = 0, width = 0] = transposed ? shape.toReversed() : shape;
  return { rows, width };
}

/** What a program is told of a parameter in the file `location`. */
export function externalData(place: Place, { zeros }: WeightLayout, location: string): ExternalData {
  const { storage, data } = place;
  const at = (part: Part): Stretch => ({ ...part, location });
  if (!isBlocked(storage)) return { location, ...data, dtype: storage };
  return { location, ...data, blocks: blockedMatrix(place, zeros, at) };
}

function blockedMatrix(place: Place, zeros: Part, at: (part: Part) => Stretch): BlockedMatrix {
  const { storage, name, data, scales, minima, transposed } = place;
  if (!scales) throw internal(`${name} has no scales.`);
  const blocks = { ...rowsOf(place), codes: at(data), scales: at(scales) };
  if (storage !== 'int4') return { ...blocks, storage: 'int8' };
  if (!minima) throw internal(`${name} has no minima.`);
  const { rows, width } = blocks;
  const own = { ...zeros, length: rows * Math.ceil(width / BLOCK / 2) };
  return { ...blocks, storage, transposed, minima: at(minima), zeros: at(own) };
}
