import type { AdapterSlots } from './adapterSlots.ts';
import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import type { Attention } from './attention.ts';
import type { Family } from './family.ts';
import { linearParameters, type ModelConfig, type Parameter } from './modelConfig.ts';
import { ModelContext } from './modelContext.ts';

/** A family with its configuration: what a program is built from. */
export interface ModelDefinition {
  readonly family: Family;
  readonly config: ModelConfig;
}

/** Every parameter of a model, in a stable order. */
export function parametersOf({ family, config }: ModelDefinition): readonly Parameter[] {
  return [...family.otherParameters(config), ...family.linearModules(config).flatMap(linearParameters)];
}

/** What the definition computes with when it is written into `graph`; `rows` are those asked for, if not all. */
export function contextOf(
  definition: ModelDefinition,
  graph: Graph,
  attention: Attention,
  adapters?: AdapterSlots,
  rows?: Value,
): ModelContext {
  const { family, config } = definition;
  const [parameters, modules, lastLayer] = [parametersOf(definition), family.linearModules(config), config.layers - 1];
  return new ModelContext({ parameters, modules, graph, attention, adapters, lastLayer, rows });
}

/**
 * The head's results for chosen rows, `label_rows` int64 [N], an input of the program: [N, vocabulary], or [N, classes]
 * where they are the first rows of sequences.
 */
export function labelledLogits(
  definition: ModelDefinition,
  graph: Graph,
  attention: Attention,
  adapters?: AdapterSlots,
): { readonly m: ModelContext; readonly logits: Value } {
  const { family, config } = definition;
  const m = contextOf(definition, graph, attention, adapters, graph.input('label_rows', 'int64', ['N']));
  return { m, logits: family.head(m, config, family.body(m, config)) };
}
