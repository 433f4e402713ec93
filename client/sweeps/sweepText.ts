/** The sweep file that "New Sweep" writes: what was chosen and little else, since the rest has defaults. */
import * as path from 'node:path';
import { defaultWords } from '../../server/protocol/textDefaults.ts';
import {
  isSentiment,
  type ClassificationSweepChoice,
  type SweepChoice,
  type ToxicitySweepChoice,
} from './sweepChoice.ts';

/** Under this address the extension serves the schema to VS Code's JSON support. */
export const schemaAddress = 'rankscope-schema:/sweep.schema.json';

/** `folder`: where the file will lie; what is on this disk is named from there. */
export function sweepText(choice: SweepChoice, folder: string): string {
  const { experiment, name, model } = choice;
  const sweep = {
    $schema: schemaAddress,
    experiment,
    name,
    model: model.kind === 'hub' ? model.id : fromFolder(folder, model.path),
    ...(choice.experiment === 'toxicity' ? toxicityParts(choice, folder) : classificationParts(choice, folder)),
  };
  return `${JSON.stringify(sweep, null, 2)}\n`;
}

function toxicityParts(choice: ToxicitySweepChoice, folder: string): object {
  const { prompts, heldOut, pairs, heldOutPairs, ranks, full, effort } = choice;
  const at = (file: string) => ({ file: fromFolder(folder, file) });
  return {
    data: {
      prompts: at(prompts),
      ...(heldOut !== undefined && { heldOut: at(heldOut) }),
      pairs: at(pairs),
      ...(heldOutPairs !== undefined && { heldOutPairs: at(heldOutPairs) }),
    },
    arms: { ranks: [...ranks], full, learningRate: { lora: 5e-4, full: 5e-5 } },
    ...toxicityEffort[effort],
  };
}

/** LoRA's best rate is near ten times that of full fine-tuning; the two presets differ in how much is done with it. */
const toxicityEffort = {
  quick: {
    training: { epochs: 1, batchSize: 8, gradientAccumulation: 1, maxLength: 128 },
    generation: { samples: 2, maxNewTokens: 20 },
    evaluation: { everySteps: 10, prompts: 16 },
  },
  paper: {
    training: { epochs: 1, batchSize: 8, gradientAccumulation: 32 },
    generation: { samples: 5, maxNewTokens: 20 },
    evaluation: { everySteps: 10, prompts: 32 },
  },
} as const;

function classificationParts(choice: ClassificationSweepChoice, folder: string): object {
  const { train, header, test, labels, minority, ranks, full, effort } = choice;
  const { trained, tested, rates, learningRate, training } = classificationEffort[effort];
  const maxWords = Math.min(classificationEffort[effort].maxWords, wordsThatFit(choice.contextLength));
  const at = (file: string) => ({ file: fromFolder(folder, file), ...(!header && { header }) });
  const isUsual = isSentiment(labels.flatMap(({ values }) => values));
  return {
    data: {
      train: { ...at(train), ...trained },
      ...(test !== undefined && { test: { ...at(test), ...tested } }),
      ...(!isUsual && { labels }),
      ...(minority !== undefined && { minority: { group: minority, rates } }),
      ...(maxWords < defaultWords && { maxWords }),
    },
    // The usual question is one about reviews.
    ...(!isUsual && { instruction: 'Text: {text}\nIs the text {options}? Answer:' }),
    arms: { ranks: [...ranks], full, learningRate },
    training,
  };
}

/** Beside the question and its answer; models that read little have small vocabularies, which split words up. */
function wordsThatFit(contextLength = Infinity): number {
  const tokensAWord = contextLength < 256 ? 4 : 2;
  return Math.max(1, Math.floor((contextLength - 40) / tokensAWord));
}

/** A first look at a few hundred texts, or all of them as in the paper (section 4.2, appendix B). */
const classificationEffort = {
  quick: {
    trained: { limit: 400, sampleSeed: 0 },
    tested: { limit: 200, sampleSeed: 0 },
    rates: [1, 0.25],
    maxWords: 60,
    learningRate: { lora: 5e-4, full: 5e-5 },
    training: { epochs: 1, batchSize: 8 },
  },
  paper: {
    trained: {},
    tested: {},
    rates: [1, 0.5, 0.25, 0.1],
    maxWords: defaultWords,
    learningRate: 2e-5,
    training: { epochs: 5, batchSize: 16 },
  },
} as const;

/** A path from the sweep file's folder, with forward slashes on every system; whole when it is on another drive. */
function fromFolder(folder: string, file: string): string {
  const relative = path.relative(folder, file);
  if (path.isAbsolute(relative)) return file;
  return relative === '' ? '.' : relative.split(path.sep).join('/');
}
