import { SideBySideSlots } from '../adapters/sideBySideSlots.ts';
import { PackedAttention } from '../models/attention.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import { contextOf, type ModelDefinition } from '../models/modelDefinition.ts';
import { Graph } from '../onnx/graph.ts';

/**
 * Packed sequences to class logits. Inputs beside the packing's and the adapters': `label_rows` int64 [N], the first row
 * of each sequence. Output: `logits` [N, classes].
 */
export function buildClassProgram(definition: ModelDefinition, targets: readonly LinearModule[]): Graph {
  const graph = new Graph();
  const { family, config } = definition;
  const slots = targets.length > 0 ? new SideBySideSlots(graph, targets) : undefined;
  const m = contextOf(definition, graph, new PackedAttention(graph, config.keyValueHeads), slots);
  const rows = m.e.Gather(family.body(m, config), graph.input('label_rows', 'int64', ['N']));
  graph.output('logits', family.head(m, config, rows));
  return graph;
}
