import type { AdapterSlots } from '../adapters/adapterSlots.ts';
import type { Graph } from '../onnx/graph.ts';
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

/** What the definition computes with when it is written into `graph`. */
export function contextOf(
  definition: ModelDefinition,
  graph: Graph,
  attention: Attention,
  adapters?: AdapterSlots,
): ModelContext {
  const modules = definition.family.linearModules(definition.config);
  return new ModelContext({ parameters: parametersOf(definition), modules, graph, attention, adapters });
}
