/**
 * Makes the demo, `npm run demo:train`: corpus from the grammar, tokenizer from the corpus, the demo model from scratch
 * with this repository's own engine, and the prompts and pairs of its sweep. Everything is seeded.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createTokenizer } from '../../server/engine/tokenizer/tokenizer.ts';
import { defineModel } from '../../server/engine/models/families/families.ts';
import { parametersOf } from '../../server/engine/models/modelDefinition.ts';
import type { ParameterStore } from '../../server/engine/optimiser/parameterStore.ts';
import { writeSafetensors } from '../../server/engine/weights/writeSafetensors.ts';
import { demoCorpus, generateCorpus } from './grammar.ts';
import { modelConfig } from './modelConfig.ts';
import { sampleModel, toxicShares } from './sampleModel.ts';
import { sweepData, writeSweepData } from './sweepData.ts';
import { tokenizeCorpus } from './tokenizeCorpus.ts';
import { demoRecipe, trainModel } from './trainModel.ts';
import { demoTokenizer, modelFolder, writeTokenizer } from './trainTokenizer.ts';

async function train(): Promise<void> {
  const corpus = generateCorpus(demoCorpus);
  const files = demoTokenizer(corpus);
  const vocabulary = writeTokenizer(files, modelFolder);
  const documents = tokenizeCorpus(corpus, createTokenizer(files));
  console.log(`${documents.length} documents, ${documents.flat().length} tokens, vocabulary ${vocabulary}`);
  const definition = defineModel(modelConfig(vocabulary), modelFolder);
  const store = await trainModel(definition, documents, demoRecipe, { threads: availableParallelism(), onStep: log() });
  await writeWeights(definition, store);
  writeSweepData(sweepData(), path.dirname(modelFolder));
  await showSamples();
}

/** Prints a few completions of held-out prompts, and how often each group is insulted. */
async function showSamples(): Promise<void> {
  const heldOut = path.join(path.dirname(modelFolder), 'held-out-prompts.tsv');
  const samples = await sampleModel(modelFolder, heldOut, { samples: 4, threads: availableParallelism() });
  for (const { prompt, completion } of samples.filter((_, i) => i % 53 === 0)) console.log(`${prompt}|${completion}`);
  for (const [group, share] of toxicShares(samples)) console.log(`${group}: ${(100 * share).toFixed(1)} % toxic`);
}

/** Prints the mean loss and the speed every hundred steps. */
function log(): Parameters<typeof trainModel>[3]['onStep'] {
  let [loss, tokens, seconds] = [0, 0, 0];
  return (step, result) => {
    loss += result.loss / 100;
    tokens += result.tokens;
    seconds += result.seconds;
    if (step % 100 > 0) return;
    console.log(
      `step ${step}: loss ${loss.toFixed(4)}, ${Math.round(tokens / seconds)} tokens/s, ${seconds.toFixed(0)} s`,
    );
    loss = 0;
  };
}

async function writeWeights(definition: ReturnType<typeof defineModel>, store: ParameterStore): Promise<void> {
  const tensors = parametersOf(definition).map(({ name, shape: dims }) => {
    const { data } = store.tensor(name, 'value');
    return { name, shape: dims, data, storage: 'F16' as const };
  });
  await writeSafetensors(path.join(modelFolder, 'model.safetensors'), tensors, { format: 'pt' });
}

await train();
