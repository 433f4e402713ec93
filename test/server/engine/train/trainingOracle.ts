import { readFileSync } from 'node:fs';
import { devices, type DeviceName } from '../../../../server/engine/ops/device.ts';
import { loraScale, type LoraArm } from '../../../../server/engine/adapters/loraArm.ts';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import type { ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import { parametersOf } from '../../../../server/engine/models/modelDefinition.ts';
import type { Weights } from '../../../../server/engine/models/modelWeights.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { ArmTrainer, type ArmFeeds } from '../../../../server/engine/train/armTrainer.ts';
import { BatchPlan } from '../../../../server/engine/train/batchPlan.ts';
import { DeviceArmState } from '../../../../server/engine/train/deviceArmState.ts';
import { DeviceOptimiser } from '../../../../server/engine/optimiser/deviceOptimiser.ts';
import { ParameterStore } from '../../../../server/engine/optimiser/parameterStore.ts';
import type { Schedule } from '../../../../server/engine/optimiser/schedule.ts';
import type { ClassExample, Example, TrainExample } from '../../../../server/engine/train/trainExample.ts';
import { buildTrainProgram, gradientName, type Trained } from '../../../../server/engine/train/trainProgram.ts';
import { adapterFolder, type Variant } from '../models/tinyModel.ts';

interface AdamWOracle {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly start: Readonly<Record<string, readonly number[]>>;
  readonly options: {
    readonly weightDecay: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };
  readonly steps: readonly {
    readonly learningRate: number;
    readonly gradients: Readonly<Record<string, readonly number[]>>;
    readonly values: Readonly<Record<string, readonly number[]>>;
  }[];
}

export interface RunOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  readonly accumulation: number;
  readonly batchSize: number;
  readonly schedule: Schedule['kind'];
  readonly warmupSteps: number;
}

export interface RunOracle {
  readonly model: Variant;
  readonly arm: string;
  readonly lora: boolean;
  readonly options: RunOptions;
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
}

/** What test/oracles/training.py writes. */
export const oracle = JSON.parse(readFileSync(new URL('../../../oracles/training.json', import.meta.url), 'utf8')) as {
  readonly adamw: AdamWOracle;
  readonly schedules: readonly {
    readonly kind: Schedule['kind'];
    readonly warmupSteps: number;
    readonly steps: number;
    readonly factors: readonly number[];
  }[];
  readonly examples: readonly TrainExample[];
  readonly runs: readonly RunOracle[];
  readonly classExamples: readonly ClassExample[];
  readonly classRuns: readonly RunOracle[];
};

export const ADAMW = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

interface Tiny {
  readonly definition: ModelDefinition;
  readonly weights: Weights;
}

/** A store that starts from the model's own weights. */
export function fullStore({ definition, weights }: Tiny): ParameterStore {
  const stored = parametersOf(definition).filter((p) => !p.compute);
  const store = new ParameterStore(stored);
  for (const { name } of stored) store.tensor(name, 'value').data.set(weights.get(name)?.data ?? []);
  return store;
}

export const compileTraining = (
  { definition, weights }: Tiny,
  trained: Trained,
  threads = 1,
  device: DeviceName = 'cpu',
): Promise<Program> => {
  const { graph, trainable } = buildTrainProgram(definition, trained);
  return Program.compile(graph, weights, { threads, device, keep: new Set(trainable.map(gradientName)) });
};

export const scaleFeed =
  (arm: Pick<LoraArm, 'alpha' | 'rank' | 'scaling'>): ArmFeeds =>
  () =>
    new Map([['lora_scale', { data: Float32Array.of(loraScale(arm)), dims: [] }]]);

/** An arm of the oracle at its start, and the program that trains it; the program is the caller's to release. */
export async function openArm(
  tiny: Tiny,
  model: Variant,
  arm: string,
  device: DeviceName = 'cpu',
  prepare: (store: ParameterStore) => void = () => undefined,
): Promise<{ trainer: ArmTrainer; program: Program; release: () => Promise<void> }> {
  const { definition } = tiny;
  const adapter = arm.startsWith('full') ? undefined : await readPeftFolder(adapterFolder(model, arm), definition);
  const saved = adapter?.saved?.map(({ name }) => name) ?? [];
  const trained: Trained = adapter
    ? { kind: 'lora', method: adapter.method ?? 'lora', targets: adapter.targets, dropout: false, saved }
    : { kind: 'full' };
  const program = await compileTraining(tiny, trained, 1, device);
  const store = adapter?.store ?? fullStore(tiny);
  prepare(store);
  const { graph, trainable } = buildTrainProgram(definition, trained);
  const parameters = graph.parameters.filter(({ name }) => trainable.includes(name));
  const optimiser = devices[device].keepsState ? await DeviceOptimiser.compile(parameters, device, 1) : undefined;
  const state = optimiser && (await DeviceArmState.open(store, optimiser));
  const armFeeds: ArmFeeds = adapter ? scaleFeed(adapter) : () => new Map();
  return {
    program,
    trainer: new ArmTrainer({ id: arm, store, state, program, config: definition.config, armFeeds }),
    release: async () => {
      await state?.close();
      await optimiser?.release();
      await program.release();
    },
  };
}

/** The micro-batches of a step, in file order. */
export function batchesOf(
  { batchSize, accumulation }: RunOptions,
  steps: number,
  examples: readonly Example[] = oracle.examples,
): (step: number) => Example[][] {
  const plan = new BatchPlan({
    examples: examples.length,
    batchSize,
    accumulation,
    length: { steps },
    shuffle: false,
    seed: 0,
  });
  return (step) => plan.step(step).map((micro) => micro.flatMap((i) => examples[i] ?? []));
}
