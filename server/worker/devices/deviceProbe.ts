/** Tests a device in a process of its own, since a crash of the driver ends that process and no other. */
import { defineModel, expectTask } from '../../engine/models/families/families.ts';
import { convertWeights } from '../../engine/models/convertedWeights.ts';
import { parametersOf, type ModelDefinition } from '../../engine/models/modelDefinition.ts';
import type { Feeds } from '../../engine/programs/program.ts';
import { trialSteps } from '../../engine/train/trialStep.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import { createRandom, normal } from '../../random/random.ts';
import { type ProbeAnswer, probeRequest, type ProbeRequest, type Trial } from '../../protocol/devices/deviceTrial.ts';
import { errorDetails } from '../../protocol/errors.ts';

/** The argument that makes the engine's script probe a device instead of serving requests. */
export const PROBE = 'probe-device';

const STEPS = 3;

/** These tiny models contain every kind of op that training a language model needs, and run in a second on any device. */
const TINY = [
  { model_type: 'gpt2', vocab_size: 64, n_embd: 16, n_layer: 2, n_head: 2, n_positions: 32 },
  {
    model_type: 'llama',
    vocab_size: 64,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 32,
  },
];

/** Answers a request, given as JSON. Never throws. */
export async function answerProbe(json: string): Promise<ProbeAnswer> {
  try {
    const request = probeRequest.parse(JSON.parse(json));
    return { trial: await (request.model === undefined ? tinyTrial(request) : modelTrial(request, request.model)) };
  } catch (error) {
    return { failed: errorDetails(error) };
  }
}

/** Runs both families and returns their losses, one after the other, as one trial. */
async function tinyTrial({ device, threads }: ProbeRequest): Promise<Trial> {
  const trials: Trial[] = [];
  for (const config of TINY) {
    const definition = defineModel(config, 'tiny');
    trials.push(await trialSteps(definition, drawnWeights(definition), { device, threads, steps: STEPS }));
  }
  const sum = (of: (trial: Trial) => number): number => trials.reduce((total, trial) => total + of(trial), 0);
  return {
    losses: trials.flatMap(({ losses }) => losses),
    seconds: sum(({ seconds }) => seconds),
    share: {
      nodes: sum(({ share }) => share.nodes),
      onDevice: sum(({ share }) => share.onDevice),
      elsewhere: [...new Set(trials.flatMap(({ share }) => share.elsewhere))],
      copies: sum(({ share }) => share.copies),
    },
    stateReadBack: sum(({ stateReadBack }) => stateReadBack),
  };
}

function drawnWeights(definition: ModelDefinition): Feeds {
  const random = createRandom(2);
  return new Map(
    parametersOf(definition).map(({ name, shape, compute }) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const mean = shape.length === 1 && name.endsWith('weight') ? 1 : 0;
      const draw = (): Float32Array => Float32Array.from({ length: count }, () => mean + 0.3 * normal(random));
      return [name, { data: compute?.() ?? draw(), dims: shape }] as const;
    }),
  );
}

async function modelTrial(
  { device, threads }: ProbeRequest,
  model: NonNullable<ProbeRequest['model']>,
): Promise<Trial> {
  const checkpoint = await openCheckpoint(model.path, {});
  try {
    const definition = defineModel(checkpoint.config, checkpoint.path);
    expectTask(definition, 'causal-lm', checkpoint.path);
    const weights = await convertWeights(definition, checkpoint, model.folder, model);
    return await trialSteps(definition, weights, { device, threads, steps: STEPS });
  } finally {
    await checkpoint.tensors.close();
  }
}
