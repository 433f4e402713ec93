/**
 * What an experiment needs of models, and nothing about how they run. The engine process implements it; tests
 * implement it with a few lines. Arms are named by id: `base`, `r8`, `full`.
 */

/** One turn of a chat: `system`, `user`, `assistant`, or what else the template knows. */
export interface ChatTurn {
  readonly role: string;
  readonly content: string;
}

/** What a model goes on from: a text as it stands, or the turns of a chat, which its own chat template frames. */
export type ModelPrompt = string | readonly ChatTurn[];

/** A prompt as it is shown: of a chat its last turn. */
export function promptText(prompt: ModelPrompt): string {
  return typeof prompt === 'string' ? prompt : (prompt.at(-1)?.content ?? '');
}

/** Which turns of the assistant are learnt: each of them, or the last alone. */
export type LearntAnswers = 'all' | 'last';

export interface SamplingOptions {
  readonly maxNewTokens: number;
  /** 0 decodes greedily. */
  readonly temperature: number;
  /** 0 keeps every token. */
  readonly topK: number;
  /** 1 keeps every token. */
  readonly topP: number;
  readonly seed: number;
  /** Completions per prompt (K). */
  readonly samples: number;
  /** Texts that end a completion; they are not part of it. */
  readonly stop: readonly string[];
  /** Hears of completions that are still growing, a few times a second; what is heard last need not be whole. */
  readonly onGrowth?: (growing: readonly Completion[]) => void;
}

export interface Completion {
  readonly arm: string;
  readonly promptIndex: number;
  readonly sample: number;
  readonly text: string;
  readonly tokens: readonly number[];
}

export interface Pair {
  readonly prompt: string;
  readonly completion: string;
  /** The conversation that the pair was read from: `prompt` is its last question, and `completion` its last answer. */
  readonly turns?: readonly ChatTurn[];
  /** Present where the model is to read the turns by its chat template in place of `prompt` and `completion`. */
  readonly chat?: { readonly turns: readonly ChatTurn[]; readonly answers: LearntAnswers };
}

/** Texts that a model will be asked about, to be checked before it is trained. */
export interface AskedTexts {
  readonly prompts: readonly ModelPrompt[];
  /** Tokens that will be asked for after each prompt; 0 where it is only read. */
  readonly maxNewTokens: number;
  /** Completions of each; 1 unless given. */
  readonly samples?: number;
  /** What it is trained or scored on. */
  readonly pairs?: readonly Pair[];
  /** Whether completions that it is trained on are to end with the model's token of the end. */
  readonly appendEos: boolean;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface ModelPort {
  /** What a reader of the results must know of how the model and its training texts were read, so far. */
  readonly notes?: readonly string[];

  /** Whether it has a chat template, which prompts can be framed by; absent where it has none. */
  readonly hasChatTemplate?: boolean;

  /** Completes every prompt with every arm, all arms in one batch; results in order arm, prompt, sample. */
  complete(
    arms: readonly string[],
    prompts: readonly ModelPrompt[],
    options: SamplingOptions,
    onProgress?: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<readonly Completion[]>;

  /**
   * Natural-log probabilities of the token that follows each prompt, over the whole vocabulary, for one prompt and all
   * arms at a time: `visit(promptIndex, rows)` with `rows[i]` the float32 [vocabulary] of `arms[i]`, valid during the call.
   */
  nextTokenLogProbabilities(
    arms: readonly string[],
    prompts: readonly ModelPrompt[],
    visit: (promptIndex: number, rows: readonly Float32Array[]) => void,
    signal?: AbortSignal,
  ): Promise<void>;

  /**
   * Sum of the negative log-likelihood (nats) and number of the completion tokens of each pair, per arm: `[arm][pair]`. Of a
   * chat, of the tokens that it is trained on, ends of turns included.
   */
  pairLosses(
    arms: readonly string[],
    pairs: readonly Pair[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly { readonly nll: number; readonly tokens: number }[])[]>;
}
