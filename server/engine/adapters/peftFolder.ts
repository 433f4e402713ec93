import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { internal } from '../../protocol/errors.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import type { ModelDefinition } from '../models/modelDefinition.ts';
import { openSafetensors } from '../weights/openSafetensors.ts';
import { readFinite } from '../weights/readFinite.ts';
import { writeSafetensors, type TensorToWrite } from '../weights/writeSafetensors.ts';
import { adapterNames, type AdapterMethod, type WeightReader } from './adapterMethod.ts';
import { adapterMethods } from './adapterMethods.ts';
import { methodFields, readPeftConfig, type PeftConfig } from './peftConfig.ts';
import { adapterOn, adapterStore, loraScale, methodOf, type LoraArm } from './loraArm.ts';
import { targetNames } from './loraTargets.ts';
import { sortPeftTensors, type PeftTensors } from './peftTensors.ts';
import { ownParameters, savedModules, type OwnParameter } from './savedModules.ts';
import { unfit } from './unfit.ts';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
const key = (path: string): string => `base_model.model.${path}`;

/** Writes an arm's adapter as PEFT reads it into an existing folder: adapter_config.json and adapter_model.safetensors. */
export async function writePeftFolder(
  folder: string,
  arm: LoraArm,
  baseModel: string,
  definition: ModelDefinition,
): Promise<void> {
  const method = methodOf(arm);
  const write = (name: string, parameter: string): TensorToWrite => {
    const { data, dims } = arm.store.tensor(parameter, 'value');
    return { name: key(name), shape: dims, data };
  };
  const tensors = [
    ...arm.targets.flatMap((module) => matricesOf(method, module).map(([part, name]) => write(part, name))),
    ...(arm.saved ?? []).map(({ name }) => write(name, name)),
  ];
  const { modules, task } = { modules: savedModules(definition, arm.saved ?? []), task: definition.family.task };
  const config = {
    base_model_name_or_path: baseModel,
    bias: 'none',
    fan_in_fan_out: arm.targets.some((m) => m.layout === 'in-out'),
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: arm.alpha,
    lora_dropout: arm.dropout,
    modules_to_save: modules.length > 0 ? modules : null,
    peft_type: 'LORA',
    r: arm.rank,
    target_modules: targetNames(definition, arm.targets),
    task_type: task === 'causal-lm' ? 'CAUSAL_LM' : 'SEQ_CLS',
    ...Object.fromEntries(methodFields.map((field) => [field, method.peftFields.includes(field)])),
    use_rslora: arm.scaling === 'rslora',
  };
  await writeSafetensors(path.join(folder, WEIGHTS), tensors, { format: 'pt' });
  await writeFile(path.join(folder, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
}

/** What an arm keeps of a module: PEFT's path of each tensor, and the name of the parameter in the arm's store. */
function matricesOf(method: AdapterMethod, module: LinearModule): (readonly [string, string])[] {
  const { name } = module;
  const { a, b } = adapterNames(name);
  const further = method
    .furtherParameters(module)
    .map((parameter, i) => [`${name}.${method.peftTensors[i] ?? ''}`, parameter.name] as const);
  return [[`${name}.lora_A.weight`, a], [`${name}.lora_B.weight`, b], ...further];
}

/**
 * Opens a PEFT folder of LoRA or DoRA for this model. Modules and ranks are those of its tensors, which must be what
 * its configuration says; every tensor is used. `weights` reads the base model, which some adapters are computed with.
 *
 * Modules may have ranks and alphas of their own: the arm has the highest rank, with rows of zeros where a module has
 * fewer, and one scale, with the ratio to it in B. Both compute the same.
 *
 * Throws RankscopeError('model') naming the field, the file or the tensor that does not fit or is not finite.
 */
export async function readPeftFolder(
  folder: string,
  definition: ModelDefinition,
  weights: WeightReader = noWeights,
): Promise<LoraArm> {
  const config = await readPeftConfig(path.join(folder, CONFIG));
  const source = await openSafetensors(await weightFile(folder));
  try {
    const sorted = sortPeftTensors(source.tensors, folder);
    const own = ownParameters(definition, sorted, config, folder);
    const targets = targetsOf(definition, sorted, config, folder, own);
    const { method: methodName, scaling, alpha, dropout } = config;
    const method = adapterMethods[methodName];
    const rank = Math.max(1, ...targets.map(({ name }) => config.rankOf(name)));
    const saved = own.map(({ parameter }) => parameter);
    const uneven = targets.some(({ name }) => config.rankOf(name) !== rank || config.alphaOf(name) !== alpha);
    const arm: LoraArm = {
      kind: 'lora',
      ...(uneven && { uneven }),
      ...(methodName !== 'lora' && { method: methodName }),
      rank,
      alpha,
      scaling,
      dropout,
      targets,
      ...(saved.length > 0 && { saved }),
      store: adapterStore(rank, targets, saved, method),
    };
    for (const module of targets) await readModule(source, config, arm, module, sorted, folder);
    for (const parameter of own) await readOwn(source, config, arm, parameter, sorted, weights, folder);
    return arm;
  } finally {
    await source.close();
  }
}

const noWeights: WeightReader = {
  readInto: (name) => Promise.reject(internal(`The base model's ${name} is needed to open this adapter.`)),
};

/** The file with the tensors. Throws RankscopeError('model') saying what is there in its stead. */
async function weightFile(folder: string): Promise<string> {
  const names = await readdir(folder);
  if (!names.includes(WEIGHTS) && names.includes('adapter_model.bin')) {
    throw unfit(
      folder,
      'adapter_model.bin is pickled Python, which can run code and is not read',
      `Save the adapter again with PEFT, as ${WEIGHTS} (safe_serialization=True).`,
    );
  }
  return path.join(folder, WEIGHTS);
}

/** The linear maps that the file has adapters for, which must be those that the configuration means. */
function targetsOf(
  definition: ModelDefinition,
  { modules }: PeftTensors,
  config: PeftConfig,
  folder: string,
  own: readonly OwnParameter[],
): readonly LinearModule[] {
  const linear = definition.family.linearModules(definition.config);
  const isSaved = ({ name }: LinearModule): boolean => own.some(({ parameter }) => parameter.name === `${name}.weight`);
  const heads = own.flatMap(({ adapted }) => (adapted ? [adapted.module.name] : []));
  for (const [name, parts] of modules) {
    const [tensor] = parts.values();
    if (heads.includes(name)) continue;
    if (!linear.some((module) => module.name === name)) {
      throw unfit(folder, `the model has no linear map for the tensor ${tensor?.name ?? name}`);
    }
    if (config.isTarget(name)) continue;
    throw unfit(folder, `adapter_config.json leaves out ${name}, for which there is ${tensor?.name ?? 'a tensor'}`);
  }
  const missing = linear.find(
    (module) => config.isTarget(module.name) && !modules.has(module.name) && !isSaved(module),
  );
  if (missing) throw unfit(folder, `${key(missing.name)}.lora_A.weight is missing`);
  return linear.filter(({ name }) => modules.has(name));
}

type Source = Awaited<ReturnType<typeof openSafetensors>>;

/** Reads the tensors of one module into the arm: see readPeftFolder on ranks and scales. */
async function readModule(
  source: Source,
  config: PeftConfig,
  arm: LoraArm,
  module: LinearModule,
  { modules }: PeftTensors,
  folder: string,
): Promise<void> {
  const { name, inFeatures, outFeatures } = module;
  const rank = config.rankOf(name);
  const shapes = [
    [rank, inFeatures],
    [outFeatures, rank],
  ];
  const further = methodOf(arm)
    .furtherParameters(module)
    .map(({ shape }) => shape);
  const read = await Promise.all(
    matricesOf(methodOf(arm), module).map(async ([part, parameter], i) => {
      const shape = [...shapes, ...further][i] ?? [];
      const stored = modules.get(name)?.get(part.slice(name.length + 1));
      const found = stored ? `has shape [${stored.shape.join(', ')}]` : 'is missing';
      if (stored?.shape.join() !== shape.join()) {
        throw unfit(folder, `${stored?.name ?? key(part)} ${found}; the model needs [${shape.join(', ')}]`);
      }
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      await readFinite(source, stored.name, data, folder);
      return { parameter, data };
    }),
  );
  const { b } = adapterNames(name);
  const factor = loraScale({ ...arm, rank, alpha: config.alphaOf(name) }) / loraScale(arm);
  for (const { parameter, data } of read) {
    const into = arm.store.tensor(parameter, 'value').data;
    if (parameter === b) widen(data, rank, into, arm.rank, factor);
    else into.set(data);
  }
}

/** Copies [rows, from] into the first columns of [rows, to], times `factor`. */
function widen(data: Float32Array, from: number, into: Float32Array, to: number, factor: number): void {
  for (let i = 0; i < data.length; i++) into[Math.floor(i / from) * to + (i % from)] = factor * (data[i] ?? NaN);
}

/** Reads a parameter of the arm's own, with the adapter on it worked in. */
async function readOwn(
  source: Source,
  config: PeftConfig,
  arm: LoraArm,
  { parameter, stored, adapted, twin }: OwnParameter,
  sorted: PeftTensors,
  weights: WeightReader,
  folder: string,
): Promise<void> {
  const into = arm.store.tensor(parameter.name, 'value').data;
  if (stored) await readFinite(source, stored.name, into, folder);
  else await weights.readInto(parameter.name, into);
  if (twin) await checkTwin(source, twin.name, into, folder);
  if (!adapted) return;
  const { module, rank } = adapted;
  const alpha = config.alphaOf(module.name);
  const head: LoraArm = { ...arm, rank, alpha, targets: [module], store: adapterStore(rank, [module]) };
  await readModule(source, config, head, module, sorted, folder);
  methodOf(head).merge(into, adapterOn(head, module));
}

/** A tied head that is stored beside its embedding must be equal to it. */
async function checkTwin(source: Source, name: string, embedding: Float32Array, folder: string): Promise<void> {
  const head = new Float32Array(embedding.length);
  await source.readInto(name, head);
  if (head.some((x, i) => x !== embedding[i])) {
    throw unfit(folder, `${name} differs from the embedding, and the model has one matrix for both`);
  }
}
