import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readPlainText } from '../../files/plainFile.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Parameter } from '../models/modelConfig.ts';
import type { ModelDefinition } from '../models/modelDefinition.ts';
import { openSafetensors } from '../weights/openSafetensors.ts';
import { readFinite } from '../weights/readFinite.ts';
import { writeSafetensors } from '../weights/writeSafetensors.ts';
import { adapterStore, type LoraArm } from './loraArm.ts';
import { checkRank, targetModules, targetNames } from './loraTargets.ts';
import { savedModules, savedParameters } from './savedModules.ts';
import { adapterNames } from './trainableSlots.ts';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
const key = (module: string, matrix: 'A' | 'B'): string => `base_model.model.${module}.lora_${matrix}.weight`;

const savedKey = (parameter: string): string => `base_model.model.${parameter}`;

/** Writes an arm's adapter as PEFT reads it into an existing folder: adapter_config.json and adapter_model.safetensors. */
export async function writePeftFolder(
  folder: string,
  arm: LoraArm,
  baseModel: string,
  definition: ModelDefinition,
): Promise<void> {
  const tensors = arm.targets.flatMap(({ name }) => {
    const names = adapterNames(name);
    const [a, b] = [arm.store.tensor(names.a, 'value'), arm.store.tensor(names.b, 'value')];
    return [
      { name: key(name, 'A'), shape: a.dims, data: a.data },
      { name: key(name, 'B'), shape: b.dims, data: b.data },
    ];
  });
  const saved = (arm.saved ?? []).map(({ name }) => {
    const { data, dims } = arm.store.tensor(name, 'value');
    return { name: savedKey(name), shape: dims, data };
  });
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
    use_rslora: arm.scaling === 'rslora',
  };
  await writeSafetensors(path.join(folder, WEIGHTS), [...tensors, ...saved], { format: 'pt' });
  await writeFile(path.join(folder, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
}

/** Opens a PEFT LoRA folder for this model. Throws RankscopeError('model') saying what does not fit or is not finite. */
export async function readPeftFolder(folder: string, definition: ModelDefinition): Promise<LoraArm> {
  const config = await readConfig(path.join(folder, CONFIG));
  const rank = Number(config.r);
  const saved = savedParameters(definition, config.modules_to_save, folder);
  const targets = targetModules(definition, targetsOf(config, folder, saved), saved);
  checkRank(rank, targets);
  const store = adapterStore(rank, targets, saved);
  const source = await openSafetensors(path.join(folder, WEIGHTS));
  try {
    for (const { name } of targets) {
      const names = adapterNames(name);
      await readMatrix(source, key(name, 'A'), store.tensor(names.a, 'value'), folder);
      await readMatrix(source, key(name, 'B'), store.tensor(names.b, 'value'), folder);
    }
    for (const { name } of saved) await readMatrix(source, savedKey(name), store.tensor(name, 'value'), folder);
  } finally {
    await source.close();
  }
  const scaling = config.use_rslora === true ? 'rslora' : 'lora';
  return {
    kind: 'lora',
    rank,
    alpha: Number(config.lora_alpha),
    scaling,
    dropout: Number(config.lora_dropout ?? 0),
    targets,
    ...(saved.length > 0 && { saved }),
    store,
  };
}

type Source = Awaited<ReturnType<typeof openSafetensors>>;

async function readMatrix(
  source: Source,
  name: string,
  into: { readonly data: Float32Array; readonly dims: readonly number[] },
  folder: string,
): Promise<void> {
  const found = source.tensors.get(name)?.shape;
  if (found?.join() !== into.dims.join()) {
    throw unfit(
      folder,
      `${name} ${found ? `has shape [${found.join(', ')}]` : 'is missing'}; the model needs [${into.dims.join(', ')}]`,
    );
  }
  await readFinite(source, name, into.data, folder);
}

const empty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** Fields of an adapter's configuration that would make it compute otherwise than here, and the values that do not. */
const PLAIN: Readonly<Record<string, (value: unknown) => boolean>> = {
  use_dora: (value) => value !== true,
  bias: (value) => value === undefined || value === 'none',
  lora_bias: (value) => value !== true,
  rank_pattern: empty,
  alpha_pattern: empty,
  layers_to_transform: empty,
  trainable_token_indices: empty,
};

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const config = JSON.parse(await readPlainText(file)) as Readonly<Record<string, unknown>>;
    const { r, lora_alpha: alpha, peft_type: type } = config;
    if (type !== 'LORA' || !Number.isInteger(r) || Number(r) < 1 || !(Number(alpha) > 0 && Number.isFinite(alpha))) {
      throw unfit(file, 'it does not describe a LoRA adapter (peft_type, r, lora_alpha)');
    }
    const beyond = Object.entries(PLAIN).find(([name, plain]) => !plain(config[name]));
    if (beyond) throw unfit(file, `"${beyond[0]}": ${JSON.stringify(config[beyond[0]])} is more than plain LoRA`);
    return config;
  } catch (cause) {
    if (cause instanceof RankscopeError) throw cause;
    throw new RankscopeError(
      {
        code: 'model',
        where: file,
        what: 'The adapter configuration cannot be read.',
        remedy: 'Name a folder that PEFT wrote.',
      },
      { cause },
    );
  }
}

/** The targets, without those that PEFT names but leaves out since they are saved in full. */
function targetsOf(
  config: Readonly<Record<string, unknown>>,
  folder: string,
  saved: readonly Parameter[],
): 'all-linear' | readonly string[] {
  const targets = config.target_modules;
  if (targets === 'all-linear') return targets;
  if (Array.isArray(targets) && targets.every((t) => typeof t === 'string')) {
    return targets.filter((target) => !saved.some(({ name }) => name.startsWith(`${target}.`)));
  }
  throw unfit(folder, `target_modules ${JSON.stringify(targets)} is not a list of names`);
}

function unfit(where: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'model',
    where,
    what: `The adapter does not fit: ${what}.`,
    remedy: 'Check that it was trained on this base model.',
  });
}
