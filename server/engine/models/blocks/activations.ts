import type { Value } from '../../ops/value.ts';
import type { Emit } from '../../ops/emit.ts';
import type { ConfigReader } from '../configReader.ts';

export type Activation = 'FastGelu' | 'Gelu' | 'Relu' | 'Silu';

/** Hugging Face names of the activations between the two maps of a layer. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu_new: 'FastGelu',
  gelu_pytorch_tanh: 'FastGelu',
  gelu: 'Gelu',
  relu: 'Relu',
  silu: 'Silu',
  swish: 'Silu',
};

/** The op of the activation that config.json names under `key`; throws RankscopeError('model') for any other. */
export function activationOf(json: ConfigReader, key: string, fallback: string, family: string): Activation {
  const name = json.text(key, fallback);
  const op = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (op) return op;
  throw json.unsupported(`"${key}" ${JSON.stringify(name)} in a ${family}`);
}

export function activate(e: Emit, activation: Activation, x: Value): Value {
  return activation === 'Silu' ? e.QuickGelu(x, 1) : e[activation](x);
}
