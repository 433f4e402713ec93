import { createRandom, normal } from '../../random/random.ts';
import type { Parameter } from '../models/modelConfig.ts';
import { parametersOf, type ModelDefinition } from '../models/modelDefinition.ts';
import type { FloatTensor } from '../onnx/runtime.ts';
import type { Checkpoint, StoredTensor } from '../weights/checkpoint.ts';
import { readFinite } from '../weights/readFinite.ts';
import { resolveTensorName } from '../weights/tensorNames.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** Spread of drawn weights, BERT's `initializer_range`. */
const SPREAD = 0.02;

/** Keeps the head's random numbers apart from the adapters' of the same seed. */
const HEAD_STREAM = 1;

/** What every arm trains in full and has of its own: the head, and pooling layers that were drawn. */
export interface ClassHead {
  readonly parameters: readonly Parameter[];
  readonly values: ReadonlyMap<string, FloatTensor>;
}

const isWithin = (name: string, modules: readonly string[]): boolean =>
  modules.some((module) => name.startsWith(`${module}.`));

/** The head's parameters, and those of pooling layers that a checkpoint lacks and may lack. */
function ownParameters(definition: ModelDefinition, isStored: (name: string) => boolean): readonly Parameter[] {
  const { modules = [], pooling = [] } = definition.family.classifier ?? {};
  return parametersOf(definition).filter(
    ({ name }) => isWithin(name, modules) || (isWithin(name, pooling) && !isStored(name)),
  );
}

/** Names of the head's parameters, which the checkpoint of a trained classifier has; none for a causal model. */
export function classHeadNames(definition: ModelDefinition): readonly string[] {
  return ownParameters(definition, () => true).map(({ name }) => name);
}

/**
 * The head that a checkpoint stores, or with `freshSeed` one that is drawn: matrices N(0, 0.02), vectors 0, and pooling
 * layers only where the checkpoint has none. Throws RankscopeError('model') where a tensor is missing.
 */
export async function openClassHead(
  definition: ModelDefinition,
  { tensors, path }: Pick<Checkpoint, 'tensors' | 'path'>,
  freshSeed: number | undefined,
): Promise<ClassHead> {
  const stored = (name: string): StoredTensor | undefined =>
    tensors.tensors.get(resolveTensorName(tensors.tensors, name) ?? '');
  const parameters = ownParameters(definition, (name) => stored(name) !== undefined);
  const values = new Map<string, FloatTensor>();
  for (const [i, { name, shape }] of parameters.entries()) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (freshSeed === undefined) {
      const found = stored(name)?.shape;
      if (found?.join() !== shape.join()) throw noHead(path, name, shape, found);
      await readFinite(tensors, name, data, path);
    } else if (shape.length > 1) drawNormal(data, freshSeed, i);
    values.set(name, { data, dims: shape });
  }
  return { parameters, values };
}

function drawNormal(data: Float32Array, seed: number, stream: number): void {
  const random = createRandom(seed, HEAD_STREAM, stream);
  for (let i = 0; i < data.length; i++) data[i] = SPREAD * normal(random);
}

function noHead(where: string, name: string, shape: readonly number[], found?: readonly number[]): RankscopeError {
  const wanted = `${name} [${shape.join(', ')}]`;
  return new RankscopeError({
    code: 'model',
    where,
    what: found
      ? `The head's ${wanted} is stored as [${found.join(', ')}].`
      : `The checkpoint has no classification head: ${wanted} is missing.`,
    remedy: 'Name the classes, so that a head is drawn and can be trained, or use a checkpoint of a classifier.',
  });
}
