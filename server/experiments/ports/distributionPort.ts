import type { ModelPrompt } from './modelPort.ts';

/** A text that distributions are compared over: a prompt, and the tokens that continue it. */
export interface ContinuedPrompt {
  readonly prompt: ModelPrompt;
  readonly continuation: readonly number[];
}

export interface TextPlace {
  /** Index into the texts. */
  readonly text: number;
  /** 0-based; the row is the distribution of the token that follows. */
  readonly position: number;
  /** Tokens of the prompt: the row at `promptTokens - 1` is that of the first token after it. */
  readonly promptTokens: number;
}

/** A model whose next-token distribution can be had at every position of a text. */
export interface DistributionPort {
  /**
   * Natural-log probabilities over the whole vocabulary at every position of every text whose next token belongs to it (of a
   * prompt without a continuation, at the last position too), for one place and all arms at a time: `rows[i]` is the
   * float32 [vocabulary] of `arms[i]`, valid during the call. Places come text by text, positions ascending.
   */
  positionLogProbabilities(
    arms: readonly string[],
    texts: readonly ContinuedPrompt[],
    visit: (place: TextPlace, rows: readonly Float32Array[]) => void,
    signal?: AbortSignal,
  ): Promise<void>;
}
