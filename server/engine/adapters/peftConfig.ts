import { parseJson } from '../../files/parseJson.ts';
import { readPlainText } from '../../files/plainFile.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { AdapterMethodName, AdapterScaling } from '../../protocol/sweep/adapterMethod.ts';
import type { AdapterMethod } from './adapterMethod.ts';
import { adapterMethods } from './adapterMethods.ts';
import { isNamed, patternValue, peftPattern } from './peftPattern.ts';
import { unfit } from './unfit.ts';

/** An adapter_config.json, as far as it decides what an adapter computes. */
export interface PeftConfig {
  readonly method: AdapterMethodName;
  readonly scaling: AdapterScaling;
  readonly rank: number;
  readonly alpha: number;
  readonly dropout: number;
  /** Which biases are trained beside the adapters, and are in the file: none, those of adapted modules, or all. */
  readonly bias: 'none' | 'lora_only' | 'all';
  /** Rank and alpha of one module, by its path. */
  readonly rankOf: (module: string) => number;
  readonly alphaOf: (module: string) => number;
  /** Whether PEFT puts an adapter on the module. */
  readonly isTarget: (module: string) => boolean;
  /** Whether PEFT gives the module a copy of its own (`modules_to_save`). */
  readonly isSaved: (module: string) => boolean;
}

type Json = Readonly<Record<string, unknown>>;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 'none' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Fields that do not change what the tensors of the file compute. */
const IRRELEVANT = new Set([
  'auto_mapping',
  'base_model_name_or_path',
  'eva_config', // How A is drawn.
  'fan_in_fan_out', // The model's own layout decides.
  'inference_mode',
  'loftq_config', // Used with "init_lora_weights": "loftq" alone, which is refused.
  'corda_config', // So with "corda".
  'lora_ga_config', // So with "lora_ga".
  'megatron_core',
  'peft_version',
  'qalora_group_size', // Used with "use_qalora" alone.
  'revision',
  'runtime_config',
  'task_type',
]);

const methods = Object.entries(adapterMethods) as [AdapterMethodName, AdapterMethod][];

/** PEFT's fields that say which method an adapter is of. */
export const methodFields: readonly string[] = [...new Set(methods.flatMap(([, { peftFields }]) => peftFields))];

/** Fields that are read, here or from the tensors themselves. */
const READ = new Set([
  'alpha_pattern',
  'bias',
  'exclude_modules',
  'init_lora_weights',
  'layers_pattern',
  'layers_to_transform',
  'lora_alpha',
  'lora_dropout',
  'modules_to_save',
  'peft_type',
  'r',
  'rank_pattern',
  'target_modules',
  'use_rslora',
  ...methodFields,
]);

/** Ways of drawing A and B that leave the base model as it is. The others change it when PEFT opens the adapter. */
const PLAIN_STARTS: readonly unknown[] = [undefined, null, true, false, 'gaussian', 'eva', 'orthogonal'];

/**
 * Reads an adapter_config.json. Every field of it is one that is understood, or one that says nothing (null, false,
 * empty): throws RankscopeError('model') naming the first that is neither.
 */
export async function readPeftConfig(file: string): Promise<PeftConfig> {
  const json = await readJson(file);
  const { r: rank, lora_alpha: alpha, peft_type: type, lora_dropout: dropout = 0 } = json;
  if (type !== 'LORA') throw unfit(file, `"peft_type" is ${JSON.stringify(type)}, and LORA alone is read`);
  if (!Number.isInteger(rank) || Number(rank) < 1) throw wrong(file, 'r', rank, 'a positive integer');
  if (typeof alpha !== 'number' || !Number.isFinite(alpha) || alpha === 0) {
    throw wrong(file, 'lora_alpha', alpha, 'a number other than 0');
  }
  if (typeof dropout !== 'number') throw wrong(file, 'lora_dropout', dropout, 'a number');
  refuseUnknown(json, file);
  const ranks = numbers(json, 'rank_pattern', file);
  const alphas = numbers(json, 'alpha_pattern', file);
  return {
    method: methodIn(json, file),
    scaling: json.use_rslora === true ? 'rslora' : 'lora',
    rank: Number(rank),
    alpha,
    dropout,
    bias: biasOf(json, file),
    rankOf: (module) => patternValue(ranks, module, 'rank_pattern', file) ?? Number(rank),
    alphaOf: (module) => patternValue(alphas, module, 'alpha_pattern', file) ?? alpha,
    isTarget: targetRule(json, file),
    isSaved: savedRule(json, file),
  };
}

/** The method whose fields are true. Throws RankscopeError('model') for fields that no method has together. */
function methodIn(json: Json, file: string): AdapterMethodName {
  const set = methodFields.filter((field) => json[field] === true);
  const found = methods.find(([, { peftFields }]) => peftFields.toSorted().join() === set.toSorted().join());
  if (found) return found[0];
  throw unfit(file, `${set.map((field) => `"${field}"`).join(' and ')} together are not understood`);
}

function biasOf({ bias = 'none' }: Json, file: string): PeftConfig['bias'] {
  const known = (['none', 'lora_only', 'all'] as const).find((value) => value === bias);
  if (known === undefined) throw wrong(file, 'bias', bias, '"none", "lora_only" or "all"');
  return known;
}

function refuseUnknown(json: Json, file: string): void {
  const init = json.init_lora_weights;
  if (!PLAIN_STARTS.includes(init)) {
    throw unfit(
      file,
      `"init_lora_weights": ${JSON.stringify(init)} changes the base model's weights when PEFT opens it`,
      'Save it in PEFT as a plain LoRA (path_initial_model_for_weight_conversion), or merged with its base model.',
    );
  }
  for (const [field, value] of Object.entries(json)) {
    if (IRRELEVANT.has(field) || READ.has(field) || isEmpty(value)) continue;
    throw unfit(
      file,
      `"${field}": ${JSON.stringify(value)} is not understood`,
      'Use an adapter without it, or merge the adapter into its base model with PEFT and open that.',
    );
  }
}

/** PEFT's `check_target_module_exists`: exclusions first, then a pattern, or names with a choice of layers. */
function targetRule(json: Json, file: string): (module: string) => boolean {
  const isExcluded = namesOrPattern(json, 'exclude_modules', file) ?? (() => false);
  const targets = json.target_modules;
  if (targets === 'all-linear') return (module) => !isExcluded(module);
  const isTarget = namesOrPattern(json, 'target_modules', file);
  if (!isTarget) throw unfit(file, `"target_modules" is ${JSON.stringify(targets)}`);
  const isChosenLayer = typeof targets === 'string' ? () => true : layerRule(json, file);
  return (module) => !isExcluded(module) && isTarget(module) && isChosenLayer(module);
}

function layerRule(json: Json, file: string): (module: string) => boolean {
  const given = json.layers_to_transform ?? [];
  const layers = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  if (!layers.every((layer) => Number.isInteger(layer))) {
    throw wrong(file, 'layers_to_transform', given, 'a layer or a list of layers');
  }
  if (layers.length === 0) return () => true;
  const named = json.layers_pattern ?? [];
  const patterns = (Array.isArray(named) ? (named as readonly unknown[]) : [named]).filter((name) => name !== '');
  const sources = patterns.length === 0 ? ['[^.]*'] : patterns.map(String);
  const expressions = sources.map((source) => peftPattern(`.*\\.${source}\\.(\\d+)\\..*`, 'layers_pattern', file));
  return (module) => {
    const layer = expressions.map((expression) => expression(module)?.[1]).find((found) => found !== undefined);
    return layer !== undefined && layers.includes(Number(layer));
  };
}

/** `modules_to_save` takes every module whose path ends in one of its names. */
function savedRule(json: Json, file: string): (module: string) => boolean {
  const names = json.modules_to_save ?? [];
  if (!isNames(names)) throw wrong(file, 'modules_to_save', names, 'a list of names');
  return (module) => names.some((name) => module.endsWith(name));
}

function namesOrPattern(json: Json, field: string, file: string): ((module: string) => boolean) | undefined {
  const given = json[field] ?? undefined;
  if (given === undefined) return undefined;
  if (isNames(given)) return (module) => isNamed(module, given);
  if (typeof given !== 'string') throw wrong(file, field, given, 'a list of names or a pattern');
  const pattern = peftPattern(given, field, file);
  return (module) => pattern(module) !== null;
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

function numbers(json: Json, field: string, file: string): Readonly<Record<string, number>> {
  const value = json[field] ?? {};
  const isTable = typeof value === 'object' && Object.values(value).every((entry) => Number.isFinite(entry));
  if (!isTable) throw wrong(file, field, value, 'an object of numbers');
  return value as Readonly<Record<string, number>>;
}

function wrong(file: string, field: string, value: unknown, expected: string): RankscopeError {
  const found = value === undefined || value === null ? 'is missing' : `is ${JSON.stringify(value)}`;
  return unfit(file, `"${field}" ${found}; it must be ${expected}`, 'Name a folder that PEFT wrote.');
}

async function readJson(file: string): Promise<Json> {
  try {
    const json = parseJson(await readPlainText(file));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json;
    throw unfit(file, 'it is not a JSON object', 'Name a folder that PEFT wrote.');
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
