import type { StoredTensor } from '../weights/checkpoint.ts';
import type { AdapterMethod } from './adapterMethod.ts';
import { adapterMethods } from './adapterMethods.ts';
import { unfit } from './unfit.ts';

const PREFIX = 'base_model.model.';

/** What the tensors of an adapter file belong to, by the names that the file has for them. */
export interface PeftTensors {
  /** By module: A, B, and what further methods keep of a module, by PEFT's name. */
  readonly modules: ReadonlyMap<string, ReadonlyMap<string, StoredTensor>>;
  /** Whole parameters of the model, by parameter. */
  readonly parameters: ReadonlyMap<string, StoredTensor>;
}

/** Parts of an adapted linear map by PEFT's name for them, after the module's path. */
const PARTS = [
  'lora_A.weight',
  'lora_B.weight',
  ...Object.values<AdapterMethod>(adapterMethods).flatMap(({ peftTensors }) => peftTensors),
];

/**
 * Sorts the tensors of an adapter file. Earlier versions of PEFT wrote the adapter's own name into the keys
 * (`lora_A.default.weight`). Throws RankscopeError('model') naming the first tensor that is not understood: PEFT itself
 * passes such a tensor over, and computes as if it were not there.
 */
export function sortPeftTensors(tensors: ReadonlyMap<string, StoredTensor>, where: string): PeftTensors {
  const modules = new Map<string, Map<string, StoredTensor>>();
  const parameters = new Map<string, StoredTensor>();
  for (const [key, tensor] of tensors) {
    if (!key.startsWith(PREFIX) || key.startsWith(`${PREFIX}base_model.`)) {
      throw unfit(
        where,
        `the tensor ${key} does not name a module of the model after "${PREFIX}"`,
        'Save the adapter with PEFT itself: PEFT would pass over tensors that are named so.',
      );
    }
    const [module, part] = split(key.slice(PREFIX.length));
    if (part === undefined) parameters.set(module, tensor);
    else if (PARTS.includes(part))
      modules.set(module, (modules.get(module) ?? new Map<string, StoredTensor>()).set(part, tensor));
    else throw unfit(where, `the tensor ${key} is not understood`, 'Use an adapter of LoRA or DoRA on linear maps.');
  }
  return { modules, parameters };
}

/** The module and the part of its adapter; the parameter alone where the tensor is a whole parameter. */
function split(name: string): readonly [string, string?] {
  const plain = name
    .replace(/\.default(?=\.weight$|$)/, '')
    .replace(/\.modules_to_save(?=\.)/, '')
    .replace(/(lora_magnitude_vector)\.weight$/, '$1');
  const adapter = /^(.*?)\.((?:lora_|token_adapter\.).*)$/.exec(plain);
  if (adapter) return [adapter[1] ?? '', adapter[2] ?? ''];
  return [plain.replace(/\.base_layer(?=\.(?:weight|bias)$)/, '')];
}
