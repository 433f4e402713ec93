import { RankscopeError } from '../../../protocol/errors.ts';
import { ConfigReader } from '../configReader.ts';
import type { Family } from '../family.ts';
import type { ModelConfig } from '../modelConfig.ts';
import { albert } from './albert.ts';
import { bert } from './bert.ts';
import { distilbert } from './distilbert.ts';
import { gpt2 } from './gpt2.ts';
import { electra } from './electra.ts';
import { gemma, gemma2, gemma3 } from './gemma.ts';
import { gptNeox } from './gptNeox.ts';
import { granite } from './granite.ts';
import { llama } from './llama.ts';
import type { ModelDefinition } from '../modelDefinition.ts';
import { mistral } from './mistral.ts';
import { modernbert } from './modernbert.ts';
import { olmo2 } from './olmo2.ts';
import { opt } from './opt.ts';
import { phi3 } from './phi3.ts';
import { qwen2, qwen3 } from './qwen.ts';
import { smollm3 } from './smollm3.ts';
import { roberta } from './roberta.ts';

/** A family with its own configuration type hidden: read and used only through itself. */
const hide = <C extends ModelConfig>(family: Family<C>): Family => family as unknown as Family;

const families: readonly Family[] = [
  hide(gpt2),
  ...[llama, qwen2, qwen3, mistral, smollm3, gemma, gemma2, gemma3, phi3, olmo2, granite].map(hide),
  ...[hide(opt), hide(gptNeox)],
  ...[hide(bert), hide(roberta), hide(distilbert), hide(electra), hide(albert), hide(modernbert)],
];

/** The model types that can be opened, as config.json names them. */
export const supportedModelTypes: readonly string[] = families.flatMap((f) => f.modelTypes);

/** Throws RankscopeError('model') when a model is of another task than is asked of it. */
export function expectTask({ family }: ModelDefinition, task: Family['task'], where: string): void {
  if (family.task === task) return;
  const isEncoder = family.task === 'sequence-classification';
  throw new RankscopeError({
    code: 'model',
    where,
    what: isEncoder
      ? `A ${family.modelTypes[0]} is an encoder: it classifies texts, and neither predicts nor writes any.`
      : `A ${family.modelTypes[0]} predicts tokens: it has no classification head.`,
    remedy: isEncoder
      ? `Use a causal language model: ${modelTypesOf(task).join(', ')}.`
      : `Use an encoder: ${modelTypesOf(task).join(', ')}.`,
  });
}

const modelTypesOf = (task: Family['task']): readonly string[] =>
  families.filter((f) => f.task === task).flatMap((f) => f.modelTypes);

/** The definition for a config.json; throws RankscopeError('model') for a family or variant that is not supported. */
export function defineModel(json: Readonly<Record<string, unknown>>, where: string): ModelDefinition {
  const type = json.model_type;
  const family = families.find((f) => typeof type === 'string' && f.modelTypes.includes(type));
  if (!family) {
    throw new RankscopeError({
      code: 'model',
      where,
      what:
        type === undefined
          ? 'config.json names no "model_type".'
          : `The architecture ${JSON.stringify(type)} is unknown.`,
      remedy: `Supported are: ${supportedModelTypes.join(', ')}.`,
    });
  }
  const reader = new ConfigReader(json, where);
  const config = family.readConfig(reader);
  reader.refuseUnread(`a configuration of ${family.modelTypes[0] ?? ''}`);
  if (config.heads % config.keyValueHeads !== 0 || !Number.isInteger(config.headSize)) {
    throw new RankscopeError({
      code: 'model',
      where,
      what: `${config.heads} heads over ${config.keyValueHeads} key-value heads of width ${config.headSize} do not divide evenly.`,
      remedy: 'Check that config.json belongs to this checkpoint and is whole.',
    });
  }
  return { family, config };
}
