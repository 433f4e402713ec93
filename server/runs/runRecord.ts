/** `run.json`: what a run was asked to do and on what, enough to do it again. */
import { deviceChoice } from '../protocol/deviceChoice.ts';
import { precision } from '../protocol/precision.ts';
import { z } from 'zod';
import { sweepFileSchema } from '../protocol/experiments.ts';
import type { ArmDescription } from '../protocol/run.ts';

const armDescription: z.ZodType<ArmDescription> = z.object({
  id: z.string(),
  method: z.enum(['base', 'lora', 'full']),
  rank: z.int().exactOptional(),
  alpha: z.number().exactOptional(),
  seed: z.int(),
  learningRate: z.number().exactOptional(),
  trainableParameters: z.int(),
  minority: z.number().exactOptional(),
});

export const runRecordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** ISO 8601, UTC. */
  created: z.string(),
  /** The sweep with every default in place and absolute paths: itself a sweep file. */
  sweep: sweepFileSchema,
  arms: z.array(armDescription),
  /** SHA-256, hex, by what was hashed: `model`, `prompts`, `pairs`, `heldOut`, `tune`, `judge`, `generator`, `hurtLex`, `train`, `test`. */
  hashes: z.record(z.string(), z.string()),
  versions: z.object({ rankscope: z.string(), onnxruntime: z.string(), node: z.string() }),
  /** What the engine ran on, e.g. `cpu (2 threads)`. */
  device: z.string(),
  /** How the device was chosen, where that was left to us and there was a choice. */
  deviceChoice: deviceChoice.exactOptional(),
  /** What rounding the base's weights to few bits did to it, where that was asked for. */
  precision: precision.exactOptional(),
  platform: z.string(),
});

export type RunRecord = z.output<typeof runRecordSchema>;
