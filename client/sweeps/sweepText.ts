/** The sweep file that "New Sweep" writes: what was chosen and little else, since the rest has defaults. */
import * as path from 'node:path';
import type { ToxicitySweepChoice } from './sweepChoice.ts';

/** Under this address the extension serves the schema to VS Code's JSON support. */
export const schemaAddress = 'rankscope-schema:/sweep.schema.json';

/** `folder`: where the file will lie; what is on this disk is named from there. */
export function sweepText(choice: ToxicitySweepChoice, folder: string): string {
  const at = (file: string) => ({ file: fromFolder(folder, file) });
  const sweep = {
    $schema: schemaAddress,
    experiment: 'toxicity',
    name: choice.name,
    model: choice.model.kind === 'hub' ? choice.model.id : fromFolder(folder, choice.model.path),
    data: {
      prompts: at(choice.prompts),
      ...(choice.heldOut !== undefined && { heldOut: at(choice.heldOut) }),
      pairs: at(choice.pairs),
      ...(choice.heldOutPairs !== undefined && { heldOutPairs: at(choice.heldOutPairs) }),
    },
    arms: { ranks: [...choice.ranks], full: choice.full, learningRate: { lora: 5e-4, full: 5e-5 } },
    ...effortText[choice.effort],
  };
  return `${JSON.stringify(sweep, null, 2)}\n`;
}

/** LoRA's best rate is near ten times that of full fine-tuning; the two presets differ in how much is done with it. */
const effortText = {
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

/** A path from the sweep file's folder, with forward slashes on every system; whole when it is on another drive. */
function fromFolder(folder: string, file: string): string {
  const relative = path.relative(folder, file);
  if (path.isAbsolute(relative)) return file;
  return relative === '' ? '.' : relative.split(path.sep).join('/');
}
