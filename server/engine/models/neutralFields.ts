/** Fields of config.json that say nothing of how logits are computed without dropout. */
const NEUTRAL: ReadonlySet<string> = new Set([
  ...['_name_or_path', 'name_or_path', 'architectures', 'auto_map', 'model_type', 'transformers_version'],
  ...['dtype', 'torch_dtype', 'use_cache', 'cache_implementation', '_attn_implementation', 'attn_implementation'],
  ...['_attn_implementation_autoset', '_flash_attn_2_enabled', 'use_flash_attn', 'tokenizer_class', 'language'],
  ...['unsloth_fixed', 'unsloth_version', 'pretraining_tp', 'reorder_and_upcast_attn', 'gradient_checkpointing'],
  ...[
    'finetuning_task',
    'task_specific_params',
    'prefix',
    'n_ctx',
    'license',
    'model_max_length',
    'max_sequence_length',
    'max_window_layers',
  ],
  // Tokens: read where texts are made into tokens.
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'unk_token_id', 'sep_token_id', 'cls_token_id', 'mask_token_id'],
  ...['decoder_start_token_id', 'forced_bos_token_id', 'forced_eos_token_id'],
  // Initialisation and dropout.
  ...['initializer_range', 'initializer_factor', 'init_std', 'attention_dropout', 'hidden_dropout', 'dropout'],
  ...[
    'attention_probs_dropout_prob',
    'hidden_dropout_prob',
    'classifier_dropout',
    'classifier_dropout_prob',
    'layerdrop',
  ],
  ...[
    'embedding_dropout',
    'mlp_dropout',
    'initializer_cutoff_factor',
    'resid_pdrop',
    'embd_pdrop',
    'attn_pdrop',
    'activation_dropout',
    'qa_dropout',
    'seq_classif_dropout',
  ],
  // Heads for tasks that are not asked of it.
  ...[
    'summary_last_dropout',
    'summary_type',
    'summary_use_proj',
    'summary_activation',
    'summary_proj_to_labels',
    'summary_first_dropout',
  ],
  ...['id2label', 'label2id', 'num_labels', 'problem_type', 'sinusoidal_pos_embds', 'tie_weights_'],
  ...['tie_word_embeddings', '_num_labels', 'directionality', 'pooler_fc_size', 'pooler_num_attention_heads'],
  ...['pooler_num_fc_layers', 'pooler_size_per_head', 'pooler_type'],
  // What a call returns, and how.
  ...['return_dict', 'output_attentions', 'output_hidden_states', 'torchscript', 'use_bfloat16', 'tf_legacy_loss'],
  ...['decoder_bias', 'deterministic_flash_attn', 'reference_compile', 'repad_logits_with_grad', 'sparse_prediction'],
  ...['sparse_pred_ignore_index'],
  ...['output_past', 'chunk_size_feed_forward', 'tie_encoder_decoder', 'router_aux_loss_coef'],
  // Generation, as configurations of before 2023 have it.
  ...['max_length', 'min_length', 'do_sample', 'early_stopping', 'num_beams', 'num_beam_groups', 'diversity_penalty'],
  ...['temperature', 'top_k', 'top_p', 'typical_p', 'repetition_penalty', 'length_penalty', 'no_repeat_ngram_size'],
  ...['encoder_no_repeat_ngram_size', 'bad_words_ids', 'num_return_sequences', 'output_scores'],
  ...['return_dict_in_generate', 'remove_invalid_values', 'exponential_decay_length_penalty', 'suppress_tokens'],
  ...['begin_suppress_tokens'],
]);

/** Fields that change the computation where they are anything but this. */
const IDLE: Readonly<Record<string, unknown>> = {
  is_encoder_decoder: false,
  is_decoder: false,
  add_cross_attention: false,
  pruned_heads: {},
  use_bidirectional_attention: false,
  use_mrope: false,
  mlp_bias: false,
  attention_bias: false,
  lm_head_bias: false,
  use_sliding_window: false,
  // Phi-4-mini's.
  full_attn_mod: 1,
  interpolate_factor: 1,
};

/** Whether a field of config.json, with this value, leaves the computation as it is whatever the family. */
export function changesNothing(key: string, value: unknown): boolean {
  return NEUTRAL.has(key) || (Object.hasOwn(IDLE, key) && JSON.stringify(value) === JSON.stringify(IDLE[key]));
}
