/** A model's files, opened: its Hugging Face configuration, its tensors by Hugging Face name, and its tokenizer. */

export type JsonObject = Readonly<Record<string, unknown>>;

export interface StoredTensor {
  /** Hugging Face name, e.g. `model.layers.0.self_attn.q_proj.weight`, whatever the file calls it. */
  readonly name: string;
  /** Row-major, outermost first, in Hugging Face's orientation (GGUF's reversed dimensions undone). */
  readonly shape: readonly number[];
  /** As stored: F32, F16, BF16, Q4_1, ... */
  readonly storage: string;
}

export interface TensorSource {
  /** Every tensor of the checkpoint. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /**
   * Reads one tensor, converted to float32, into `out` (its length must be the element count).
   * Throws RankscopeError('model') naming file and tensor when it is missing, truncated or of another size.
   */
  readInto(name: string, out: Float32Array): Promise<void>;
  close(): Promise<void>;
}

export interface TokenizerFiles {
  /** Content of tokenizer.json (rebuilt from the metadata for a GGUF). */
  readonly tokenizer: JsonObject;
  /** Content of tokenizer_config.json, or {}. */
  readonly config: JsonObject;
}

export interface Checkpoint {
  /** Folder or file it was opened from. */
  readonly path: string;
  /** Content of config.json (rebuilt from the metadata for a GGUF); `model_type` names the family. */
  readonly config: JsonObject;
  /** Content of generation_config.json, where there is one (rebuilt from the metadata for a GGUF). */
  readonly generation?: JsonObject;
  readonly tensors: TensorSource;
  /** Absent where the folder has no tokenizer.json; asking for text then is an error that says so. */
  readonly tokenizer?: TokenizerFiles;
  /** Jinja source of the chat template, where there is one. */
  readonly chatTemplate?: string;
  /** What a reader of results must know of how the files were taken. */
  readonly notes?: readonly string[];
  /** SHA-256 of the weight files' content, hex. */
  hash(): Promise<string>;
  /**
   * SHA-256 (hex) of every other file that was read, by its name: configuration, tokenizer, chat template, generation
   * settings. Empty for a GGUF, whose one file holds all of it.
   */
  readonly fileHashes: Readonly<Record<string, string>>;
}
