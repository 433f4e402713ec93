import type { AdapterMethod } from '../adapters/adapterMethod.ts';
import { SideBySideSlots } from '../adapters/sideBySideSlots.ts';
import { PackedAttention } from '../models/attention.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import { labelledLogits, type ModelDefinition } from '../models/modelDefinition.ts';
import { Graph } from '../ops/graph.ts';

/**
 * Packed sequences to class logits. Inputs beside the packing's and the adapters': `label_rows` int64 [N], the first row
 * of each sequence. Output: `logits` [N, classes].
 */
export function buildClassProgram(
  definition: ModelDefinition,
  targets: readonly LinearModule[],
  method?: AdapterMethod,
): Graph {
  const graph = new Graph();
  const { keyValueHeads } = definition.config;
  const slots = targets.length > 0 ? new SideBySideSlots(graph, targets, method) : undefined;
  graph.output('logits', labelledLogits(definition, graph, new PackedAttention(graph, keyValueHeads), slots).logits);
  return graph;
}
