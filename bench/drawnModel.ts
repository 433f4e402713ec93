import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineModel } from '../server/engine/models/families/families.ts';
import { parametersOf } from '../server/engine/models/modelDefinition.ts';
import { writeSafetensors } from '../server/engine/weights/writeSafetensors.ts';
import { createRandom } from '../server/random/random.ts';

/** Spread of drawn matrices, as GPT-2's initialisation has it. */
const SPREAD = 0.02;

/** Shapes of known models, as their config.json gives them. */
export const SHAPES = {
  'gpt2-124m': {
    model_type: 'gpt2',
    vocab_size: 50257,
    n_embd: 768,
    n_layer: 12,
    n_head: 12,
    n_positions: 1024,
    // Transformers' default is a dropout of 0.1, which is other work than ours.
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
  },
  'llama-15m': llama(8192, 288, 768, 6, 6),
  'llama-42m': llama(16384, 512, 1376, 8, 8),
  'llama-135m': llama(49152, 576, 1536, 30, 9, 3),
} as const;

export type ShapeName = keyof typeof SHAPES;

function llama(
  vocabulary: number,
  hidden: number,
  inner: number,
  layers: number,
  heads: number,
  keyValueHeads = heads,
) {
  return {
    model_type: 'llama',
    vocab_size: vocabulary,
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
  } as const;
}

/**
 * Writes a model of a known shape with weights drawn at random into a folder, as Transformers reads it, with a tokenizer
 * to which `t17` is token 17.
 */
export async function drawModel(shape: ShapeName, folder: string): Promise<string> {
  const architectures = { gpt2: ['GPT2LMHeadModel'], llama: ['LlamaForCausalLM'] };
  const config = { ...SHAPES[shape], architectures: architectures[SHAPES[shape].model_type] };
  mkdirSync(folder, { recursive: true });
  const random = createRandom(1);
  const stored = parametersOf(defineModel(config, folder)).filter(({ compute }) => !compute);
  const draw = (name: string, dims: readonly number[]): Float32Array => {
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
    if (dims.length < 2) return data.fill(name.endsWith('weight') ? 1 : 0);
    const width = 2 * Math.sqrt(3) * SPREAD;
    for (let i = 0; i < data.length; i++) data[i] = width * (random.uniform() - 0.5);
    return data;
  };
  const tensors = stored.map((p) => ({ name: p.name, shape: p.shape, data: () => draw(p.name, p.shape) }));
  await writeSafetensors(path.join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  write(folder, 'config.json', config);
  write(folder, 'tokenizer.json', tokenizer(config.vocab_size));
  write(folder, 'tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: 't0',
    pad_token: 't0',
  });
  return folder;
}

function write(folder: string, file: string, json: unknown): void {
  writeFileSync(path.join(folder, file), JSON.stringify(json));
}

/** One token a word. */
function tokenizer(size: number) {
  const vocab = Object.fromEntries(Array.from({ length: size }, (_, i) => [`t${i}`, i]));
  const model = {
    type: 'WordPiece',
    unk_token: 't1',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab,
  };
  const parts = {
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    post_processor: null,
    decoder: null,
  };
  return { version: '1.0', ...parts, pre_tokenizer: { type: 'WhitespaceSplit' }, model };
}

/** Writes pairs of a prompt of one token and a completion of all others, so that every position that can has a label. */
export function drawPairs(file: string, { count, length, vocabulary }: PairShape): string {
  const random = createRandom(2);
  const token = (): string => `t${2 + random.below(vocabulary - 2)}`;
  const pair = (): string => {
    const [prompt, ...rest] = Array.from({ length }, token);
    return JSON.stringify({ prompt, completion: rest.join(' ') });
  };
  writeFileSync(file, `${Array.from({ length: count }, pair).join('\n')}\n`);
  return file;
}

export interface PairShape {
  readonly count: number;
  /** Tokens of prompt and completion together. */
  readonly length: number;
  readonly vocabulary: number;
}
