import { dropoutMasks } from '../../../../server/engine/adapters/dropoutMasks.ts';
import { packFor } from '../../../../server/engine/batch/packing.ts';
import { parametersOf, type ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import type { HostTensor } from '../../../../server/engine/onnx/runtime.ts';
import { labelFeeds } from '../../../../server/engine/train/labels.ts';
import type { LabelChunks } from '../../../../server/engine/train/chunkedLoss.ts';
import type { Example } from '../../../../server/engine/train/trainExample.ts';
import { buildTrainProgram, gradientName, type Trained } from '../../../../server/engine/train/trainProgram.ts';
import type { DeviceName } from '../../../../server/engine/ops/device.ts';
import { drawArm, drawWeights } from '../generate/randomModel.ts';

export interface Variant {
  readonly recompute?: boolean;
  readonly labels?: LabelChunks;
  readonly device?: DeviceName;
}

/** What is trained: everything, or drawn adapters of rank 2 on all linear maps with a dropout of a third. */
export type Kind = 'full' | 'lora';

/** Loss of each label and gradient of each trained parameter, by name, from drawn weights. */
export async function lossAndGradients(
  definition: ModelDefinition,
  kind: Kind,
  examples: readonly Example[],
  { recompute = false, labels = { chunks: 1, rows: 1 }, device = 'cpu' }: Variant,
): Promise<ReadonlyMap<string, Float32Array>> {
  const arm = drawArm(definition, 2, { seed: 3, targets: 'all-linear' });
  const trained: Trained = kind === 'full' ? { kind } : { kind, targets: arm.targets, dropout: true };
  const { graph, trainable } = buildTrainProgram(definition, trained, { recompute, chunks: labels.chunks });
  const weights = drawWeights(definition, 5);
  const program = await Program.compile(graph, weights, { threads: 1, device }, new Set(trainable));
  const batch = packFor(
    definition.config,
    examples.map(({ ids }) => ids),
  );
  const stored = parametersOf(definition).map(({ name }) => [name, weights.get(name)] as const);
  const feeds = new Map<string, HostTensor>([
    ...batch.feeds,
    ...labelFeeds(examples, batch, labels),
    ['lora_scale', { data: Float32Array.of(0.7), dims: [] }],
    ...dropoutMasks({ dropout: 1 / 3, targets: arm.targets }, 4, { rows: batch.rows, step: 1, micro: 0 }),
    ...stored.flatMap(([name, tensor]) => (tensor ? [[name, tensor as HostTensor] as const] : [])),
    ...arm.store.names.map((name) => [name, arm.store.tensor(name, 'value')] as const),
  ]);
  try {
    const outputs = await program.run(feeds, ['loss', ...trainable.map(gradientName)]);
    return new Map(['loss', ...trainable.map(gradientName)].map((name) => [name, outputs.floats(name)]));
  } finally {
    await program.release();
  }
}
