import type { AdapterMethod } from '../adapters/adapterMethod.ts';
import { SideBySideSlots } from '../adapters/sideBySideSlots.ts';
import { internal } from '../../protocol/errors.ts';
import { CachedAttention, PackedAttention, type Attention } from '../models/attention.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import type { ModelContext } from '../models/modelContext.ts';
import { contextOf, labelledLogits, type ModelDefinition } from '../models/modelDefinition.ts';
import { Graph } from '../ops/graph.ts';
import { outputFaults } from './rowFaults.ts';

/** Targets of the adapters laid side by side; empty for a model without adapters. */
type Targets = readonly LinearModule[];

const slotsOf = (graph: Graph, targets: Targets, method?: AdapterMethod): SideBySideSlots | undefined =>
  targets.length > 0 ? new SideBySideSlots(graph, targets, method) : undefined;

/**
 * Packed sequences, of which what they begin with in common may be there once, to the logits of chosen rows. Inputs
 * beside the packing's: `label_rows` int64 [N]. Outputs: `logits` [N, vocabulary], `best` int64 [N, 1], `fault` [N, 1]
 * (rowFaults.ts), and of each layer the keys and values `k.LAYER`, `v.LAYER` [T, kvHeads x headSize].
 */
export function buildPrefillProgram(definition: ModelDefinition, targets: Targets, method?: AdapterMethod): Graph {
  const graph = new Graph();
  const attention = new PackedAttention(graph, definition.config.keyValueHeads);
  const { m, logits } = labelledLogits(definition, graph, attention, slotsOf(graph, targets, method));
  outputs(graph, m, attention, logits);
  return graph;
}

/** Packed sequences to the negative log-likelihood of each label, nats: the inputs of the train program, `loss` [N, 1]. */
export function buildLossProgram(definition: ModelDefinition, targets: Targets, method?: AdapterMethod): Graph {
  const graph = new Graph();
  const attention = new PackedAttention(graph, definition.config.keyValueHeads);
  const { m, logits } = labelledLogits(definition, graph, attention, slotsOf(graph, targets, method));
  graph.output('loss', m.e.SoftmaxCrossEntropyLoss(logits, graph.input('labels', 'int64', ['N', 1])));
  return graph;
}

/**
 * Packed sequences to the residual streams, `residual.0` after the embeddings and then after each layer, [T, hiddenSize]:
 * the prefill program's own body. It stands apart from it since what a program gives is held in memory to its end.
 */
export function buildResidualProgram(definition: ModelDefinition, targets: Targets, method?: AdapterMethod): Graph {
  const graph = new Graph();
  const { family, config } = definition;
  const m = contextOf(
    definition,
    graph,
    new PackedAttention(graph, config.keyValueHeads),
    slotsOf(graph, targets, method),
  );
  family.body(m, config);
  if (m.residuals.length !== config.layers + 1) {
    throw internal(`The family notes ${m.residuals.length} residual streams for ${config.layers} layers.`);
  }
  m.residuals.forEach((stream, layer) => graph.output(residualName(layer), stream));
  return graph;
}

export const residualName = (layer: number): string => `residual.${layer}`;

/**
 * Rows of a residual stream, `hidden` [T, hiddenSize], through the final norm and the head to `logits` [T, vocabulary]
 * and `fault` [T, 1].
 * Adapters matter to it where a family projects before the head (OPT).
 */
export function buildHeadProgram(definition: ModelDefinition, targets: Targets, method?: AdapterMethod): Graph {
  const graph = new Graph();
  const { family, config } = definition;
  const m = contextOf(definition, graph, withoutAttention, slotsOf(graph, targets, method));
  const logits = family.head(m, config, graph.input('hidden', 'float32', ['T', config.hiddenSize]));
  graph.output('logits', logits);
  outputFaults(graph, m.e, logits);
  return graph;
}

const withoutAttention: Attention = {
  attend: () => {
    throw internal('A head attends to nothing.');
  },
};

/** One new token a row against the rows' caches (models/attention.ts); the outputs are the prefill program's. */
export function buildDecodeProgram(definition: ModelDefinition, targets: Targets, method?: AdapterMethod): Graph {
  const graph = new Graph();
  const { family, config } = definition;
  const attention = new CachedAttention(graph);
  const m = contextOf(definition, graph, attention, slotsOf(graph, targets, method));
  outputs(graph, m, attention, family.head(m, config, family.body(m, config)));
  return graph;
}

function outputs(
  graph: Graph,
  m: ModelContext,
  attention: PackedAttention | CachedAttention,
  logits: ReturnType<ModelContext['linear']>,
): void {
  graph.output('logits', logits);
  graph.output('best', m.e.ArgMax(logits));
  outputFaults(graph, m.e, logits);
  attention.keyValues.forEach(({ k, v }, layer) => {
    graph.output(`k.${layer}`, k);
    graph.output(`v.${layer}`, v);
  });
}
