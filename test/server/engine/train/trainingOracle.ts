import { readFileSync } from 'node:fs';
import { loraScale, type LoraArm } from '../../../../server/engine/adapters/loraArm.ts';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import type { ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import { parametersOf } from '../../../../server/engine/models/modelDefinition.ts';
import type { Weights } from '../../../../server/engine/models/modelWeights.ts';
import { Program } from '../../../../server/engine/onnx/program.ts';
import { ArmTrainer, type ArmFeeds } from '../../../../server/engine/train/armTrainer.ts';
import { BatchPlan } from '../../../../server/engine/train/batchPlan.ts';
import { ParameterStore } from '../../../../server/engine/train/parameterStore.ts';
import type { Schedule } from '../../../../server/engine/train/schedule.ts';
import type { TrainExample } from '../../../../server/engine/train/trainExample.ts';
import { buildTrainProgram, type Trained } from '../../../../server/engine/train/trainProgram.ts';
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

export const compileTraining = ({ definition, weights }: Tiny, trained: Trained, threads = 1): Promise<Program> =>
  Program.compile(buildTrainProgram(definition, trained).graph, weights, { threads });

export const scaleFeed =
  (arm: Pick<LoraArm, 'alpha' | 'rank' | 'scaling'>): ArmFeeds =>
  () =>
    new Map([['lora_scale', { data: Float32Array.of(loraScale(arm)), dims: [] }]]);

/** An arm of the oracle at its start, and the program that trains it; the program is the caller's to release. */
export async function openArm(
  tiny: Tiny,
  model: Variant,
  arm: string,
): Promise<{ trainer: ArmTrainer; program: Program }> {
  const { definition } = tiny;
  if (arm.startsWith('full')) {
    const program = await compileTraining(tiny, { kind: 'full' });
    const store = fullStore(tiny);
    return {
      program,
      trainer: new ArmTrainer({ id: arm, store, program, config: definition.config, armFeeds: () => new Map() }),
    };
  }
  const adapter = await readPeftFolder(adapterFolder(model, arm), definition);
  const program = await compileTraining(tiny, { kind: 'lora', targets: adapter.targets, dropout: false });
  return {
    program,
    trainer: new ArmTrainer({
      id: arm,
      store: adapter.store,
      program,
      config: definition.config,
      armFeeds: scaleFeed(adapter),
    }),
  };
}

/** The micro-batches of a step, in file order. */
export function batchesOf({ batchSize, accumulation }: RunOptions, steps: number): (step: number) => TrainExample[][] {
  const { examples } = oracle;
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
