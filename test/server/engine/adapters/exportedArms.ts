import {
  adapterStore,
  drawAdapters,
  methodOf,
  startFurther,
  type LoraArm,
} from '../../../../server/engine/adapters/loraArm.ts';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { ArmTrainer } from '../../../../server/engine/train/armTrainer.ts';
import { openTiny } from '../models/tinyModel.ts';
import { ADAMW, batchesOf, compileTraining, oracle, scaleFeed } from '../train/trainingOracle.ts';

/** Arms that are trained here and whose folders PEFT has opened: see test/oracles/dora.py. */
export const EXPORTED = [
  { name: 'gpt2-dora', model: 'gpt2', method: 'dora', scaling: 'lora' },
  { name: 'llama-dora-rslora', model: 'llama', method: 'dora', scaling: 'rslora' },
  { name: 'llama-rslora', model: 'llama', method: 'lora', scaling: 'rslora' },
] as const;

const STEPS = 10;
const OPTIONS = { ...ADAMW, learningRate: 0.02, clip: 1, weightDecay: 0 };

/** The arm after ten steps from a drawn start. */
export async function trainExported({ model, method, scaling }: (typeof EXPORTED)[number]): Promise<LoraArm> {
  const tiny = await openTiny(model);
  const targets = targetModules(tiny.definition, 'default');
  const store = adapterStore(4, targets, [], methodOf({ method }));
  drawAdapters(store, targets, 1);
  await startFurther(store, targets, methodOf({ method }), {
    readInto: (name, out) => {
      out.set(tiny.weights.get(name)?.data ?? []);
      return Promise.resolve();
    },
  });
  const arm: LoraArm = { kind: 'lora', method, rank: 4, alpha: 6, scaling, dropout: 0, targets, store };
  const program = await compileTraining(tiny, { kind: 'lora', method, targets, dropout: false });
  const { config } = tiny.definition;
  const trainer = new ArmTrainer({ id: 'exported', store, program, config, armFeeds: scaleFeed(arm) });
  const run = { batchSize: 4, accumulation: 1, learningRate: 0.02, weightDecay: 0, clip: 1, warmupSteps: 0 };
  const batches = batchesOf({ ...run, schedule: 'constant' }, STEPS, oracle.examples);
  for (let step = 1; step <= STEPS; step++) await trainer.step(batches(step), { ...OPTIONS, step });
  await program.release();
  return arm;
}
