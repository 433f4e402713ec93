/** The singular values of what training changed: one shape for the channel and for `spectra --json`. */
import { z } from 'zod';

const count = z.int().min(0);
const size = z.number().min(0);

const moduleSpectrum = z.object({
  /** Hugging Face module path. */
  module: z.string().min(1),
  outFeatures: count,
  inFeatures: count,
  /** Of the change dW, the largest first: as many as the adapter's rank, or all of a full arm's. */
  singularValues: z.array(size),
  /** The sum of their squares. */
  energy: size,
  /** The least number of singular values that hold 90 % of the energy; 0 where nothing was changed. */
  rankOf90: count,
  /**
   * Of each leading left singular vector of W + dW the greatest cosine with one of W, 0..1; below 0.5 it is an intruder
   * dimension. Absent where none was asked for.
   */
  cosines: z.array(z.number().min(0).max(1)).exactOptional(),
  /** How many of them are intruder dimensions. */
  intruders: count.exactOptional(),
});
export type ModuleSpectrum = Readonly<z.output<typeof moduleSpectrum>>;

const armSpectrum = z.object({
  arm: z.string().min(1),
  method: z.enum(['lora', 'full']),
  /** The adapter's rank. */
  rank: z.int().min(1).exactOptional(),
  /** Summed over the modules. */
  energy: size,
  /** Over the modules; the lower one of two in the middle. */
  medianRankOf90: count,
  largestRankOf90: count,
  largestValue: size,
  /** Intruder dimensions of all modules, and leading vectors that were looked at. Absent where none was asked for. */
  intruders: z.object({ found: count, of: count }).exactOptional(),
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
