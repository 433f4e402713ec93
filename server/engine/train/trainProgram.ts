import { internal } from '../../protocol/errors.ts';
import { gradients, propagate } from '../autodiff/gradients.ts';
import type { AdapterMethodName } from '../../protocol/sweep/adapterMethod.ts';
import { methodOf } from '../adapters/loraArm.ts';
import { TrainableSlots } from '../adapters/trainableSlots.ts';
import { Graph } from '../ops/graph.ts';
import { resultsInOrder } from '../ops/resultsInOrder.ts';
import type { Value } from '../ops/value.ts';
import { PackedAttention } from '../models/attention.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import { contextOf, labelledLogits, parametersOf, type ModelDefinition } from '../models/modelDefinition.ts';
import { ChunkedLossWriter } from './chunkedLoss.ts';

export type Trained =
  | {
      readonly kind: 'lora';
      readonly targets: readonly LinearModule[];
      readonly dropout: boolean;
      /** LoRA unless given. */
      readonly method?: AdapterMethodName;
      /** Names of parameters that are trained in full beside the adapters: a classifier's head. */
      readonly saved?: readonly string[];
    }
  | { readonly kind: 'full' };

export interface TrainProgram {
  readonly graph: Graph;
  /** Parameters that are trained, in order; the rest is frozen. */
  readonly trainable: readonly string[];
}

export const gradientName = (parameter: string): string => `gradient.${parameter}`;

export interface TrainProgramOptions {
  /** Whether layers are computed a second time in the backward pass instead of being kept for it: see recompute.ts. */
  readonly recompute?: boolean;
  /** In how many parts the logits are computed: see chunkedLoss.ts. */
  readonly chunks?: number;
}

/**
 * The loss of a packed batch and its gradient.
 *
 * Inputs beside the packing's: `label_rows` int64 [N], the rows whose next token is a label (of a classifier the first
 * rows of the sequences), and `labels` int64 [N, 1]; of further chunks those that `labelInputs` names.
 * Where it asks for `further_rows`, the sequences of a batch may share prefixes (packing.ts).
 * Outputs: `loss` [N, 1], the negative log-likelihood of each label in nats (paper equation 1: target tokens only), and
 * for each trained parameter `gradient.NAME`, of the sum over the labels. Dividing by the number of labels is left to
 * the optimiser, so that the batches of an accumulated step weigh by their labels.
 */
export function buildTrainProgram(
  definition: ModelDefinition,
  trained: Trained,
  { recompute = false, chunks = 1 }: TrainProgramOptions = {},
): TrainProgram {
  const graph = new Graph();
  const { bidirectional = false, keyValueHeads } = definition.config;
  // Not where tokens see those after them, nor with dropout, which drops of each sequence's tokens by themselves.
  const sharesPrefixes = !bidirectional && !(trained.kind === 'lora' && trained.dropout);
  const attention = new PackedAttention(graph, keyValueHeads, { sharesPrefixes });
  const slots = slotsOf(graph, trained);
  const variablesOf = (): readonly Value[] =>
    slots
      ? [...slots.parameters, ...named(graph, trained.kind === 'lora' ? trained.saved : [])]
      : trainedInFull(graph, definition);
  const write = chunks === 1 ? writeWhole : writeChunked;
  const variables = write({ definition, graph, attention, slots, recompute, chunks, variablesOf });
  return { graph, trainable: variables.map((v) => v.name) };
}

function slotsOf(graph: Graph, trained: Trained): TrainableSlots | undefined {
  if (trained.kind === 'full') return undefined;
  return new TrainableSlots(graph, trained.targets, methodOf(trained), trained.dropout);
}

interface Writing {
  readonly definition: ModelDefinition;
  readonly graph: Graph;
  readonly attention: PackedAttention;
  readonly slots: TrainableSlots | undefined;
  readonly recompute: boolean;
  readonly chunks: number;
  /** What is trained, known once the forward pass is written. */
  readonly variablesOf: () => readonly Value[];
}

/** Of the last layer the labelled rows alone, and their loss in one piece. */
function writeWhole({ definition, graph, attention, slots, recompute, variablesOf }: Writing): readonly Value[] {
  const { m, logits } = labelledLogits(definition, graph, attention, slots);
  const loss = m.e.SoftmaxCrossEntropyLoss(logits, graph.input('labels', 'int64', ['N', 1]));
  const variables = variablesOf();
  graph.output('loss', loss);
  writeGradients(graph, variables, gradients(graph, loss, variables, { borders: recompute ? m.residuals : [] }));
  return variables;
}

function writeChunked(writing: Writing): readonly Value[] {
  const { definition, graph, attention, slots, recompute, chunks, variablesOf } = writing;
  const m = contextOf(definition, graph, attention, slots);
  const { family, config } = definition;
  const body = family.body(m, config);
  const layers = graph.nodes.length;
  const writer = new ChunkedLossWriter(graph, body, (rows) => family.head(m, config, rows));
  const variables = variablesOf();
  const { loss, known } = writer.write(chunks, variables);
  graph.output('loss', loss);
  const options = { borders: recompute ? m.residuals : [] };
  writeGradients(graph, variables, propagate(graph, graph.nodes.slice(0, layers), known, variables, options));
  return variables;
}

function writeGradients(graph: Graph, variables: readonly Value[], written: readonly Value[]): void {
  written.forEach((gradient, i) => {
    const variable = variables[i];
    if (variable) graph.output(gradientName(variable.name), gradient);
  });
  resultsInOrder(graph);
}

function named(graph: Graph, names: readonly string[] = []): readonly Value[] {
  return names.map((name) => {
    const parameter = graph.parameters.find((p) => p.name === name);
    if (!parameter) throw internal(`The program has no parameter ${name} to train.`);
    return parameter;
  });
}

/** Every stored parameter; computed tables stay as they are. */
function trainedInFull(graph: Graph, definition: ModelDefinition): readonly Value[] {
  const stored = new Set(parametersOf(definition).flatMap((p) => (p.compute ? [] : [p.name])));
  return graph.parameters.filter((p) => stored.has(p.name));
}
