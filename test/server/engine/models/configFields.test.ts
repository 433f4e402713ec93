import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { CLASSIFIERS, folderOf, VARIANTS, type Variant } from './tinyModel.ts';

type Json = Readonly<Record<string, unknown>>;

const configOf = (variant: Variant): Json =>
  JSON.parse(readFileSync(`${folderOf(variant)}/config.json`, 'utf8')) as Json;

const without = (json: Json, ...keys: readonly string[]): Json =>
  Object.fromEntries(Object.entries(json).filter(([key]) => !keys.includes(key)));

const modelError =
  (...words: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof RankscopeError && error.code === 'model' && words.every((word) => error.message.includes(word));

/** What of a tiny model's configuration Transformers 4 writes otherwise. */
const OLDER: readonly (readonly [Variant, Json])[] = [
  ['llama', { rope_theta: 10_000, rope_scaling: null }],
  [
    'llama-rope-llama3',
    {
      rope_theta: 100,
      rope_scaling: {
        ...{ factor: 4, high_freq_factor: 4, low_freq_factor: 1 },
        ...{ original_max_position_embeddings: 8, rope_type: 'llama3' },
      },
    },
  ],
  ['llama-rope-linear', { rope_theta: 100, rope_scaling: { type: 'linear', factor: 2.5 } }],
  [
    'phi3-longrope',
    {
      ...{ rope_theta: 100, partial_rotary_factor: 0.75, original_max_position_embeddings: 12, full_attn_mod: 1 },
      ...{ interpolate_factor: 1, lm_head_bias: false },
      rope_scaling: { type: 'su', short_factor: [1, 1.5, 2.5], long_factor: [2, 3, 5] },
    },
  ],
  [
    'gemma3',
    {
      ...{ rope_theta: 1000, rope_local_base_freq: 50, rope_scaling: { factor: 2, rope_type: 'linear' } },
      ...{ sliding_window_pattern: 2, layer_types: null, cache_implementation: 'hybrid' },
    },
  ],
  ['gemma2', { rope_theta: 10_000, layer_types: null, hidden_act: 'gelu_pytorch_tanh', sliding_window_size: 4 }],
  ['gpt-neox', { rotary_pct: 0.5, rotary_emb_base: 10_000 }],
  ['gpt-neox-sequential', { rotary_pct: 0.25, rotary_emb_base: 50 }],
  ['smollm3', { rope_theta: 2_000_000, layer_types: null, no_rope_layers: [1, 0], pretraining_tp: 2 }],
  ['qwen2', { rope_theta: 10_000, layer_types: null, use_mrope: false, max_window_layers: 28, sliding_window: 4096 }],
];

describe('fields of config.json', () => {
  for (const [variant, older] of OLDER) {
    it(`mean the same as Transformers 4 wrote them: ${variant}`, () => {
      const json = configOf(variant);
      const before = { ...without(json, 'rope_parameters', '_sliding_window_pattern'), ...older };
      assert.deepEqual(defineModel(before, 'here').config, defineModel(json, 'here').config);
    });
  }

  for (const variant of [...VARIANTS, ...CLASSIFIERS]) {
    it(`are refused by name where they are not known: ${variant}`, () => {
      const type = configOf(variant).model_type;
      assert.throws(
        () => defineModel({ ...configOf(variant), qk_layernorm: false }, 'here'),
        modelError('here', '"qk_layernorm": false', `configuration of ${String(type)}`),
      );
    });
  }

  const refused: readonly (readonly [Variant, Json, readonly string[]])[] = [
    ['llama', { quantization_config: { load_in_4bit: true } }, ['"quantization_config"']],
    ['llama', { sliding_window: 4 }, ['"sliding_window": 4', 'llama']],
    ['qwen2', { attention_bias: true }, ['"attention_bias": true']],
    ['qwen2', { layer_types: ['sliding_attention', 'full_attention'] }, ['"use_sliding_window" is false']],
    ['qwen2', { layer_types: ['linear_attention', 'full_attention'] }, ['"layer_types"', 'a list of 2']],
    ['mistral', { mlp_bias: true }, ['"mlp_bias": true']],
    ['gemma2', { use_bidirectional_attention: true }, ['"use_bidirectional_attention": true']],
    ['gemma2', { sliding_window_size: 5 }, ['"sliding_window_size"']],
    ['gemma3', { rope_parameters: { chunked_attention: {} } }, ['"chunked_attention"']],
    ['phi3', { lm_head_bias: true }, ['"lm_head_bias": true']],
    ['phi3', { attention_bias: true }, ['A bias in a Phi-3']],
    [
      'phi3-longrope',
      { rope_parameters: { rope_type: 'longrope', short_factor: [1], long_factor: [1] } },
      ['"long_factor"'],
    ],
    ['smollm3', { no_rope_layers: [1, 2] }, ['"no_rope_layers"']],
    ['granite', { rope_parameters: { rope_type: 'default', mrope_section: [1] } }, ['"mrope_section"']],
    ['gpt-neox', { rotary_pct: 0.4, rope_parameters: null }, ['rotary embedding of 3 of the 8']],
  ];
  for (const [variant, change, words] of refused) {
    it(`are refused with a value that is not computed: ${JSON.stringify(change)} of ${variant}`, () =>
      assert.throws(() => defineModel({ ...configOf(variant), ...change }, 'here'), modelError(...words)));
  }

  it('give a model no window that no text is longer than', () => {
    const config = (sliding_window: number) => defineModel({ ...configOf('mistral'), sliding_window }, 'here').config;
    assert.equal(config(23).window, 23);
    assert.equal(config(24).window, undefined);
  });

  it('bound the positions of LongRoPE by those that its first factors are for', () =>
    assert.equal(defineModel(configOf('phi3-longrope'), 'here').config.maxPositions, 12));
});
