/** The demo model's shape: GPT-2's architecture (Radford et al. 2019), small enough to train in minutes on two cores. */
export const shape = { layers: 4, width: 192, heads: 6, positions: 64, vocabulary: 1024 } as const;

/** config.json as Transformers reads it. `vocabulary` counts <|endoftext|>, which has the last id. */
export function modelConfig(vocabulary: number): Readonly<Record<string, unknown>> {
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    activation_function: 'gelu_new',
    n_layer: shape.layers,
    n_embd: shape.width,
    n_head: shape.heads,
    n_inner: null,
    n_positions: shape.positions,
    n_ctx: shape.positions,
    vocab_size: vocabulary,
    layer_norm_epsilon: 1e-5,
    initializer_range: 0.02,
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
    tie_word_embeddings: true,
    bos_token_id: vocabulary - 1,
    eos_token_id: vocabulary - 1,
    torch_dtype: 'float16',
  };
}

/** Trainable numbers of that model: embeddings (the head is tied to them), layers, last norm. */
export function parameterCount(vocabulary: number): number {
  const { layers, width, positions } = shape;
  const layer = 12 * width * width + 13 * width;
  return (vocabulary + positions) * width + layers * layer + 2 * width;
}
