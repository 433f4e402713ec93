import type { StoredTensor } from '../weights/checkpoint.ts';
import type { LinearModule, Parameter } from '../models/modelConfig.ts';
import { parametersOf, type ModelDefinition } from '../models/modelDefinition.ts';
import type { PeftConfig } from './peftConfig.ts';
import type { PeftTensors } from './peftTensors.ts';
import { unfit } from './unfit.ts';

/** The modules that hold a parameter: `classifier.dense.weight` lies in `classifier.dense` and in `classifier`. */
function pathsOf(parameter: string): readonly string[] {
  const parts = parameter.split('.').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}

/** Modules of a classifier's head that an arm saves in full, as PEFT's `modules_to_save` names them. */
export function savedModules({ family }: ModelDefinition, saved: readonly Parameter[]): readonly string[] {
  const { modules = [], pooling = [] } = family.classifier ?? {};
  return [...modules, ...pooling].filter((module) => saved.some(({ name }) => pathsOf(name).includes(module)));
}

/** A parameter that an adapter brings its own values of. */
export interface OwnParameter {
  readonly parameter: Parameter;
  /** Where the file has it whole; the base model's values are meant where it has not. */
  readonly stored: StoredTensor | undefined;
  /** A head on which a LoRA adapter lies, which is worked into it. */
  readonly adapted: { readonly module: LinearModule; readonly rank: number } | undefined;
  /** A second copy that the file has of it as the head, which must be equal. */
  readonly twin: StoredTensor | undefined;
}

const HEAD = 'lm_head';

/**
 * The parameters that the file has whole, and a head with an adapter on it. Throws RankscopeError('model') naming a
 * tensor that is no parameter of the model or has another shape, what `modules_to_save` names and the file lacks, and
 * an embedding of its own where the head is the same matrix: PEFT then leaves the head as it was.
 */
export function ownParameters(
  definition: ModelDefinition,
  { modules, parameters }: PeftTensors,
  config: PeftConfig,
  where: string,
): readonly OwnParameter[] {
  const known = parametersOf(definition).filter((parameter) => !parameter.compute);
  const isSaved = (name: string): boolean => pathsOf(name).some((path) => config.isSaved(path));
  const isTrainedBias = (name: string): boolean =>
    name.endsWith('.bias') &&
    (config.bias === 'all' || (config.bias === 'lora_only' && modules.has(name.slice(0, -5))));
  const isTied = definition.family.task === 'causal-lm' && !known.some(({ name }) => name === `${HEAD}.weight`);
  const isEmbedding = ({ shape }: Parameter): boolean => isTied && shape[0] === definition.config.vocabularySize;
  const twin = isTied ? parameters.get(`${HEAD}.weight`) : undefined;
  const stray = [...parameters].find(
    ([name, tensor]) => !known.some((parameter) => parameter.name === name) && tensor !== twin,
  );
  if (stray) throw unfit(where, `the model has no parameter for the tensor ${stray[1].name}`);
  const own = known.flatMap((parameter): OwnParameter[] => {
    const stored = parameters.get(parameter.name);
    const adapted = adaptedHead(parameter, modules, config, where);
    if (stored) checkShape(parameter, stored, where);
    else if (isSaved(parameter.name) || isTrainedBias(parameter.name))
      throw unfit(where, `base_model.model.${parameter.name} is missing`);
    if (!stored && !adapted) return [];
    if (isEmbedding(parameter) && (adapted || isSaved(parameter.name))) throw untied(where, parameter.name);
    return [{ parameter, stored, adapted, twin: isEmbedding(parameter) ? twin : undefined }];
  });
  if (isTied && config.isSaved(HEAD)) throw untied(where, `${HEAD}.weight`);
  if (twin && !own.some((one) => one.twin)) throw untied(where, twin.name);
  return own;
}

/** The head as a linear map, if the file has an adapter for it. */
function adaptedHead(
  { name, shape }: Parameter,
  modules: PeftTensors['modules'],
  config: PeftConfig,
  where: string,
): OwnParameter['adapted'] {
  if (name !== `${HEAD}.weight` || !modules.has(HEAD)) return undefined;
  if (config.method !== 'lora') throw unfit(where, `${config.method} on ${HEAD} is not supported`);
  const [outFeatures = 0, inFeatures = 0] = shape;
  const module: LinearModule = { name: HEAD, inFeatures, outFeatures, layout: 'out-in', bias: false };
  return { module, rank: config.rankOf(HEAD) };
}

function checkShape({ name, shape }: Parameter, stored: StoredTensor, where: string): void {
  if (stored.shape.join() === shape.join()) return;
  const found = `${stored.name} has shape [${stored.shape.join(', ')}]`;
  throw unfit(where, `${found}; the model's ${name} is [${shape.join(', ')}]`);
}

function untied(where: string, tensor: string) {
  return unfit(
    where,
    `${tensor} is trained, and the model's head is the same matrix as its embedding, which PEFT leaves as it was`,
    'Merge the adapter with PEFT into a model whose head is a matrix of its own, and open that.',
  );
}
