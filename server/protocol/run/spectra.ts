/** The singular values of what training changed: one shape for the channel and for `spectra --json`. */
import { z } from 'zod';

const count = z.int().min(0);
const size = z.number().min(0);

const moduleSpectrum = z.object({
  module: z.string().min(1).describe('Hugging Face module path.'),
  outFeatures: count,
  inFeatures: count,
  singularValues: z
    .array(size)
    .describe("Of the change dW, the largest first: as many as the adapter's rank, or all of a full arm's."),
  energy: size.describe('The sum of their squares.'),
  rankOf90: count.describe(
    'The least number of singular values that hold 90 % of the energy; 0 where nothing was changed.',
  ),
  cosines: z
    .array(z.number().min(0).max(1))
    .exactOptional()
    .describe(
      'Of each leading left singular vector of W + dW the greatest cosine with one of W, 0..1; below 0.5 it is an intruder dimension. Absent where none was asked for.',
    ),
  intruders: count.exactOptional().describe('How many of them are intruder dimensions.'),
});
export type ModuleSpectrum = Readonly<z.output<typeof moduleSpectrum>>;

const armSpectrum = z.object({
  arm: z.string().min(1),
  method: z.enum(['lora', 'full']),
  rank: z.int().min(1).exactOptional().describe("The adapter's rank."),
  energy: size.describe('Summed over the modules.'),
  medianRankOf90: count.describe('Over the modules; the lower one of two in the middle.'),
  largestRankOf90: count,
  largestValue: size,
  intruders: z
    .object({ found: count, of: count })
    .exactOptional()
    .describe(
      'Intruder dimensions of all modules, and leading vectors that were looked at. Absent where none was asked for.',
    ),
  modules: z.array(moduleSpectrum).min(1),
});
export type ArmSpectrum = Readonly<z.output<typeof armSpectrum>>;

export const spectraResultSchema = z.object({ arms: z.array(armSpectrum) });
export type SpectraResult = Readonly<z.output<typeof spectraResultSchema>>;

/** How far the work is: matrices done, and the one that was the last. */
export const spectraProgress = z.object({ done: count, total: count, module: z.string() });
export type SpectraProgress = Readonly<z.output<typeof spectraProgress>>;

/** What a shrunk adapter keeps: of all its modules together, and of the one that lost the largest share. */
export const shrinkResultSchema = z.object({
  energy: size,
  lost: size,
  worst: z.object({ module: z.string(), lostShare: size }),
});
export type ShrinkResult = Readonly<z.output<typeof shrinkResultSchema>>;
