import type { ModelDefinition } from '../../server/engine/models/modelDefinition.ts';
import { parametersOf } from '../../server/engine/models/modelDefinition.ts';
import { Program } from '../../server/engine/programs/program.ts';
import { ArmTrainer, type StepResult } from '../../server/engine/train/armTrainer.ts';
import { BatchPlan } from '../../server/engine/train/batchPlan.ts';
import { ParameterStore } from '../../server/engine/optimiser/parameterStore.ts';
import { scheduleFactor } from '../../server/engine/optimiser/schedule.ts';
import type { TrainExample } from '../../server/engine/train/trainExample.ts';
import { buildTrainProgram } from '../../server/engine/train/trainProgram.ts';
import { createRandom, normal } from '../../server/random/random.ts';

/** How the demo model is trained; chosen by trial, see examples/demo/README.md. */
export interface Recipe {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** Seed of the initial weights and of the order of documents. */
  readonly seed: number;
}

export const demoRecipe: Recipe = {
  steps: 2000,
  batchSize: 32,
  learningRate: 3e-3,
  warmupSteps: 50,
  weightDecay: 0.01,
  clip: 1,
  seed: 7,
};

/**
 * Trains a GPT-2 from scratch with the engine's full fine-tuning step, on every token of every document but the first.
 * Returns its parameters. Throws RankscopeError('diverged') when the loss is not finite.
 */
export async function trainModel(
  definition: ModelDefinition,
  documents: readonly (readonly number[])[],
  recipe: Recipe,
  options: { readonly threads: number; readonly onStep: (step: number, result: StepResult) => void },
): Promise<ParameterStore> {
  const { graph } = buildTrainProgram(definition, { kind: 'full' });
  const program = await Program.compile(graph, new Map(), { threads: options.threads, inPlace: true });
  const store = initialParameters(definition, recipe.seed);
  const trainer = new ArmTrainer({ id: 'demo', store, program, config: definition.config, armFeeds: () => new Map() });
  const examples = documents.map((ids): TrainExample => ({ ids, firstLabel: 1 }));
  const plan = new BatchPlan({
    examples: examples.length,
    batchSize: recipe.batchSize,
    accumulation: 1,
    length: { steps: recipe.steps },
    shuffle: true,
    seed: recipe.seed,
  });
  for (let step = 1; step <= plan.steps; step++) {
    const micros = plan.step(step).map((micro) => micro.flatMap((i) => examples[i] ?? []));
    options.onStep(step, await trainer.step(micros, stepOptions(recipe, step)));
  }
  await program.release();
  return store;
}

function stepOptions({ steps, learningRate, warmupSteps, weightDecay, clip }: Recipe, step: number) {
  const factor = scheduleFactor({ kind: 'cosine', warmupSteps }, step, steps);
  return { step, learningRate: learningRate * factor, weightDecay, clip, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
}

/**
 * GPT-2's initial weights (Radford et al. 2019, section 2.3): normal with deviation 0.02, that of the projections into
 * the residual stream divided by the root of their number; biases 0, norms 1.
 */
export function initialParameters(definition: ModelDefinition, seed: number): ParameterStore {
  const random = createRandom(seed);
  const parameters = parametersOf(definition);
  const store = new ParameterStore(parameters);
  for (const { name, shape } of parameters) {
    const { data } = store.tensor(name, 'value');
    if (shape.length === 1) {
      data.fill(name.endsWith('.weight') ? 1 : 0);
      continue;
    }
    const deviation = 0.02 / (name.endsWith('.c_proj.weight') ? Math.sqrt(2 * definition.config.layers) : 1);
    for (let i = 0; i < data.length; i++) data[i] = deviation * normal(random);
  }
  return store;
}
