import { adapterStore, drawAdapters, loraScale } from '../adapters/loraArm.ts';
import { targetModules } from '../adapters/loraTargets.ts';
import { createRandom } from '../../random/random.ts';
import type { DeviceName } from '../ops/device.ts';
import type { Trial } from '../../protocol/devices/deviceTrial.ts';
import { measureNodeShare } from '../programs/nodeShare.ts';
import type { ModelDefinition } from '../models/modelDefinition.ts';
import { Program, type Feeds, type MappedWeights } from '../programs/program.ts';
import { transfers } from '../onnx/transfers.ts';
import { ArmStates } from './armStates.ts';
import { ArmTrainer, type StepResult } from './armTrainer.ts';
import type { TrainExample } from './trainExample.ts';
import { buildTrainProgram, gradientName } from './trainProgram.ts';

export interface TrialOptions {
  readonly device: DeviceName;
  readonly threads: number;
  /** 2 at the least. */
  readonly steps: number;
}

const RANK = 8;
const SEQUENCES = 4;
const LENGTH = 32;
const OPTIONS = { learningRate: 1e-3, clip: 1, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * Trains one arm of rank 8 for a few steps on the same drawn tokens: small, but with the programs, weights and sizes of
 * the model itself, so that it tells how fast a device trains this model and whether it gets the CPU's losses.
 */
export async function trialSteps(
  definition: ModelDefinition,
  weights: Feeds | MappedWeights,
  { device, threads, steps }: TrialOptions,
): Promise<Trial> {
  const targets = targetModules(definition, 'default');
  const rank = Math.min(RANK, ...targets.flatMap((m) => [m.inFeatures, m.outFeatures]));
  const { graph, trainable } = buildTrainProgram(definition, { kind: 'lora', targets, dropout: false });
  const compile = (profile: string): Promise<Program> => {
    const options = { threads, device, inPlace: true, profile, keep: new Set(trainable.map(gradientName)) };
    return Program.compile(graph, weights, options, new Set(trainable));
  };
  const scale = Float32Array.of(loraScale({ alpha: 2 * rank, rank, scaling: 'lora' }));
  const { result, share } = await measureNodeShare(device, compile, async (program) => {
    const store = adapterStore(rank, targets);
    drawAdapters(store, targets, 1);
    const parameters = graph.parameters.filter(({ name }) => trainable.includes(name));
    const states = await ArmStates.open(program, parameters, threads);
    try {
      const { config } = definition;
      const armFeeds = (): Feeds => new Map([['lora_scale', { data: scale, dims: [] }]]);
      const state = await states.of(store);
      const before = transfers.count();
      const done = await run(
        new ArmTrainer({ id: 'trial', store, state, program, config, armFeeds }),
        definition,
        steps,
      );
      return { done, stateReadBack: transfers.count(before).stateOut };
    } finally {
      await states.release();
    }
  });
  const seconds = Math.min(...result.done.slice(1).map((step) => step.seconds));
  return { losses: result.done.map(({ loss }) => loss), seconds, share, stateReadBack: result.stateReadBack };
}

async function run(trainer: ArmTrainer, { config }: ModelDefinition, steps: number): Promise<StepResult[]> {
  const random = createRandom(1);
  const length = Math.min(LENGTH, config.maxPositions);
  const examples = Array.from({ length: SEQUENCES }, (): TrainExample => {
    const ids = Array.from({ length }, () => Math.floor(random.uniform() * config.vocabularySize));
    return { ids, firstLabel: length / 2 };
  });
  const results: StepResult[] = [];
  for (let step = 1; step <= steps; step++) results.push(await trainer.step([examples], { ...OPTIONS, step }));
  return results;
}
