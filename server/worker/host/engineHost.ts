/**
 * The worker's interface to the engine. `engineModel.ts` implements it with onnxruntime, tests with a few lines.
 * The worker itself knows requests and runs, but no sessions.
 */
import type { OnnxClassifier } from '../../engine/onnxFile/onnxClassifier.ts';
import type { WeightsSetting } from '../../engine/models/memoryEstimate.ts';
import type { Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import type { DistributionPort } from '../../experiments/ports/distributionPort.ts';
import type { LensPort } from '../../experiments/ports/lensPort.ts';
import type { FreshHead, OpenClassifier } from '../../experiments/ports/classifierPort.ts';
import type { AskedTexts, ModelPort, ModelPrompt } from '../../experiments/ports/modelPort.ts';
import type { ArmCutter, ArmLoader, TrainerPort } from '../../experiments/ports/trainerPort.ts';
import type { DeviceChoice } from '../../protocol/devices/deviceChoice.ts';
import type { DeviceDescription, ModelDescription } from '../../protocol/messages/worker.ts';

export interface OpenOptions {
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';
  /** Threads of a matrix product; 0 lets the runtime choose. */
  readonly threads: number;
  /** Storage format of frozen matrices. The default is `auto`: see planMemory. */
  readonly weights?: WeightsSetting;
  /** Whether to save memory at the cost of time: see MemoryPlan. */
  readonly lowMemory?: boolean;
  /** The machine's memory, bytes. The default is what the system reports. */
  readonly memoryBytes?: number;
  /** Receives the progress of downloads and conversions that take a while. */
  readonly onProgress?: (progress: { readonly what: string; readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/** Logits of one text: [vocabulary] at its last position, and the best token at every position. */
export interface TextLogits {
  readonly ids: readonly number[];
  /** `top1[i]` is the most likely token after position i. */
  readonly top1: readonly number[];
  readonly logits: Float32Array;
}

/** One base model, opened, with whatever arms have been trained on it or loaded into it. */
export interface OpenModel extends ModelPort, TrainerPort, ArmCutter, ArmLoader, LensPort, DistributionPort {
  /** SHA-256 of the weights, hex. */
  readonly hash: string;
  /** SHA-256 (hex) of the other files that it was read from, by their names: see Checkpoint. */
  readonly fileHashes: Readonly<Record<string, string>>;
  /** Where it was found on disk. */
  readonly path: string;
  /** The device it really runs on, e.g. `cpu (2 threads)`. */
  readonly device: string;
  /** How the device was chosen, where the choice was automatic. */
  readonly deviceChoice?: DeviceChoice | undefined;

  /** Logits after a text. No special tokens are added unless the tokenizer adds them. */
  logits(arm: string, text: string): Promise<TextLogits>;

  /** The part of its tokenizer that converts tokens to text. */
  readonly tokens: Pick<Tokenizer, 'decode' | 'tokenText' | 'vocabularySize' | 'hash'>;

  /**
   * Throws what completing the prompts, or training and scoring on the pairs, would throw of them later: RankscopeError('data')
   * naming the first prompt that is too long with what is to follow it, text that has a token beyond the embedding, or pair
   * without a token to learn from; ('config') where completions are to end with a token that the model does not name; ('memory')
   * where the completions do not fit into it.
   */
  check(asked: AskedTexts): void;

  /** One user message as a chat, which the model's template frames; the message itself when it has none. */
  chatPrompt(message: string): ModelPrompt;

  /** Tokens of a prompt as the model reads it. Throws what completing it would. */
  promptTokens(prompt: ModelPrompt): readonly number[];

  dispose(): Promise<void>;
}

export interface EngineHost {
  /** Opens a Hugging Face folder, a GGUF file or a hub id. Several models may be open at a time. */
  openModel(reference: string, options: OpenOptions): Promise<OpenModel>;
  /** Opens an ONNX text classifier at a path. `frontPadding` is the id that pads its texts in front. */
  openClassifier(path: string, options: { readonly frontPadding: number | undefined }): Promise<OnnxClassifier>;
  /**
   * Opens a sequence classifier from a Hugging Face folder or a hub id, with its own head or, where `freshHead` is
   * given, with a newly initialized one.
   */
  openSequenceClassifier(
    reference: string,
    options: OpenOptions & { readonly freshHead?: FreshHead },
  ): Promise<OpenClassifier>;
  /** Describes the model of a reference from its header, without loading weights. */
  describeModel(reference: string, signal?: AbortSignal): Promise<ModelDescription>;
  /** Models on this machine (in the hub's cache). Nothing is downloaded. */
  localModels(): Promise<readonly string[]>;
  devices(): Promise<readonly DeviceDescription[]>;
  /** Version of the native runtime, for the run's record. */
  readonly runtimeVersion: string;
}
