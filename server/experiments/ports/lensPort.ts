import type { LensResult } from '../../protocol/run/lens.ts';
import type { ModelPrompt } from './modelPort.ts';

/** A model that can be looked into. */
export interface LensPort {
  /** The logit lens of one prompt (a chat goes by its last turn): `arms[i]` of the result is `arms[i]`. */
  lens(arms: readonly string[], prompt: ModelPrompt, signal?: AbortSignal): Promise<LensResult>;
}
