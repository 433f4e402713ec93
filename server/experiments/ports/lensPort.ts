import type { LensResult } from '../../protocol/run/lens.ts';

/** A model that can be looked into. */
export interface LensPort {
  /** The logit lens of one prompt: `arms[i]` of the result is `arms[i]`. */
  lens(arms: readonly string[], prompt: string, signal?: AbortSignal): Promise<LensResult>;
}
