/** `run.json`: what a run was asked to do and on what, enough to do it again. */
import { deviceChoice } from '../protocol/devices/deviceChoice.ts';
import { precision } from '../protocol/sweep/precision.ts';
import { z } from 'zod';
import { sweepFileSchema } from '../protocol/sweep/experiments.ts';
import { armDescriptionSchema } from '../protocol/run/run.ts';

export const runRecordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  created: z.string().describe('ISO 8601, UTC.'),
  sweep: sweepFileSchema.describe('The sweep with every default in place and absolute paths: itself a sweep file.'),
  arms: z.array(armDescriptionSchema),
  hashes: z
    .record(z.string(), z.string())
    .describe(
      'SHA-256, hex, by what was hashed: `model`, `prompts`, `pairs`, `heldOut`, `tune`, `neutral`, `judge`, `generator`, `hurtLex`, `train`, `test`; `model/config.json` and the like are files beside the weights of `model`, `generator` or `judge`, where the version that began the run noted them.',
    ),
  versions: z.object({ rankscope: z.string(), onnxruntime: z.string(), node: z.string() }),
  device: z.string().describe('What the engine ran on, e.g. `cpu (2 threads)`.'),
  deviceChoice: deviceChoice
    .exactOptional()
    .describe('How the device was chosen, where that was left to us and there was a choice.'),
  precision: precision
    .exactOptional()
    .describe("What rounding the base's weights to few bits did to it, where that was asked for."),
  platform: z.string(),
});

export type RunRecord = z.output<typeof runRecordSchema>;
