import { RankscopeError } from '../../protocol/errors.ts';
import type { HostTensor } from '../onnx/runtime.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { readFinite } from '../weights/readFinite.ts';
import { resolveTensorName } from '../weights/tensorNames.ts';
import type { Parameter } from './modelConfig.ts';
import { parametersOf, type ModelDefinition } from './modelDefinition.ts';
import { checkUnused } from './unusedTensors.ts';

export type Weights = ReadonlyMap<string, HostTensor & { readonly data: Float32Array }>;

/**
 * Reads every parameter of a model into memory as float32, row-major in Hugging Face's layout, and computes its tables.
 * Throws RankscopeError('model') naming the first tensor that is missing or of another shape, and those that have no place,
 * before reading any, or the first that is not finite.
 */
export async function loadWeights(
  definition: ModelDefinition,
  { tensors, path }: Pick<Checkpoint, 'tensors' | 'path'>,
  onProgress?: (done: number, total: number) => void,
): Promise<Weights> {
  const parameters = parametersOf(definition);
  const stored = parameters.filter((p) => !p.compute);
  checkStored(parameters, tensors, path);
  checkUnused(definition, tensors, path);
  const weights = new Map<string, HostTensor & { readonly data: Float32Array }>();
  for (const [i, { name, shape }] of stored.entries()) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    await readFinite(tensors, name, data, path);
    weights.set(name, { data, dims: shape });
    onProgress?.(i + 1, stored.length);
  }
  for (const { name, shape, compute } of parameters) if (compute) weights.set(name, { data: compute(), dims: shape });
  return weights;
}

/** Throws RankscopeError('model') naming the first stored parameter that is missing or of another shape. */
export function checkStored(parameters: readonly Parameter[], tensors: Checkpoint['tensors'], path: string): void {
  for (const parameter of parameters) {
    if (!parameter.compute) checkShape(parameter, shapeOf(tensors, parameter.name), path);
  }
}

/** A tensor's shape under the name that the file has for it. */
function shapeOf({ tensors }: Checkpoint['tensors'], name: string): readonly number[] | undefined {
  return tensors.get(resolveTensorName(tensors, name) ?? '')?.shape;
}

function checkShape({ name, shape }: Parameter, found: readonly number[] | undefined, path: string): void {
  if (found?.join() === shape.join()) return;
  throw new RankscopeError({
    code: 'model',
    where: path,
    what: found
      ? `The tensor ${name} has shape [${found.join(', ')}]; config.json makes it [${shape.join(', ')}].`
      : `The tensor ${name} [${shape.join(', ')}] is missing.`,
    remedy: 'Check that config.json and the weights belong to the same checkpoint, and download it again if they do.',
  });
}
