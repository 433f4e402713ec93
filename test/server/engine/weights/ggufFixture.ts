/** A metadata value with its type: integers are u32, other numbers f32, lists take the type of their first element. */
export type FixtureValue = string | number | boolean | bigint | readonly FixtureValue[];

export interface FixtureTensor {
  readonly name: string;
  /** Innermost first, as the file has it. */
  readonly dimensions: readonly number[];
  /** ggml_type. */
  readonly type: number;
  readonly data: Uint8Array;
}

export interface GgufFixture {
  readonly metadata: Readonly<Record<string, FixtureValue>>;
  readonly tensors: readonly FixtureTensor[];
  readonly version?: number;
}

/** A GGUF file, written field by field from the format's description. */
export function ggufBytes({ metadata, tensors, version = 3 }: GgufFixture): Buffer {
  const entries = Object.entries(metadata);
  const header = [Buffer.from('GGUF'), u32(version), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) header.push(text(key), u32(typeOf(value)), encode(value));
  const alignment = typeof metadata['general.alignment'] === 'number' ? metadata['general.alignment'] : 32;
  let offset = 0;
  for (const { name, dimensions, type, data } of tensors) {
    header.push(text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset));
    offset += padded(data.length, alignment);
  }
  const start = Buffer.concat(header);
  const parts = [start, Buffer.alloc(padded(start.length, alignment) - start.length)];
  tensors.forEach(({ data }, i) => {
    const last = i === tensors.length - 1;
    parts.push(Buffer.from(data), Buffer.alloc(last ? 0 : padded(data.length, alignment) - data.length));
  });
  return Buffer.concat(parts);
}

function f32Bytes(values: Iterable<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

function padded(length: number, alignment: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function typeOf(value: FixtureValue): number {
  if (typeof value === 'string') return 8;
  if (typeof value === 'boolean') return 7;
  if (typeof value === 'bigint') return 10;
  if (typeof value === 'number') return Number.isInteger(value) ? 4 : 6;
  return 9;
}

function encode(value: FixtureValue): Buffer {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return Buffer.from([Number(value)]);
  if (typeof value === 'bigint') return u64(value);
  if (typeof value === 'number') return Number.isInteger(value) ? u32(value) : Buffer.from(f32Bytes([value]));
  return Buffer.concat([u32(typeOf(value[0] ?? 0)), u64(value.length), ...value.map(encode)]);
}

const HIDDEN = 64;
const VOCABULARY = 6;

/** A Llama of one layer, hidden size 64, four heads over two, whose tensors hold their index in the file's order. */
export const tinyLlama: GgufFixture = {
  metadata: {
    'general.architecture': 'llama',
    'llama.block_count': 1,
    'llama.context_length': 128,
    'llama.embedding_length': HIDDEN,
    'llama.feed_forward_length': 96,
    'llama.attention.head_count': 4,
    'llama.attention.head_count_kv': 2,
    'llama.attention.layer_norm_rms_epsilon': 2 ** -17,
    'llama.rope.freq_base': 5000,
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': ['a', 'b', 'ab', 'Ġ', '<s>', '</s>'],
    'tokenizer.ggml.token_type': [1, 1, 1, 1, 3, 3],
    'tokenizer.ggml.merges': ['a b'],
    'tokenizer.ggml.bos_token_id': 4,
    'tokenizer.ggml.eos_token_id': 5,
    'tokenizer.chat_template': '{{ messages[0].content }}',
  },
  tensors: [
    counting('token_embd.weight', [HIDDEN, VOCABULARY]),
    counting('output_norm.weight', [HIDDEN]),
    counting('blk.0.attn_norm.weight', [HIDDEN]),
    counting('blk.0.attn_q.weight', [HIDDEN, HIDDEN]),
    counting('blk.0.attn_k.weight', [HIDDEN, HIDDEN / 2]),
    counting('blk.0.attn_v.weight', [HIDDEN, HIDDEN / 2]),
    counting('blk.0.attn_output.weight', [HIDDEN, HIDDEN]),
    counting('blk.0.ffn_norm.weight', [HIDDEN]),
    counting('blk.0.ffn_gate.weight', [HIDDEN, 96]),
    counting('blk.0.ffn_up.weight', [HIDDEN, 96]),
    counting('blk.0.ffn_down.weight', [96, HIDDEN]),
  ],
};

/** A GPT-2 of one layer, hidden size 4. */
export const tinyGpt2: GgufFixture = {
  metadata: {
    'general.architecture': 'gpt2',
    'gpt2.block_count': 1,
    'gpt2.context_length': 8,
    'gpt2.embedding_length': 4,
    'gpt2.feed_forward_length': 16,
    'gpt2.attention.head_count': 2,
    'gpt2.attention.layer_norm_epsilon': 2 ** -17,
  },
  tensors: [
    counting('token_embd.weight', [4, 5]),
    counting('position_embd.weight', [4, 8]),
    counting('blk.0.attn_qkv.weight', [4, 12]),
    counting('blk.0.attn_qkv.bias', [12]),
    counting('blk.0.ffn_down.weight', [16, 4]),
    counting('output_norm.bias', [4]),
    counting('output.weight', [4, 5]),
  ],
};

/** F32, every element its index. */
export function counting(name: string, dimensions: readonly number[]): FixtureTensor {
  const length = dimensions.reduce((a, b) => a * b, 1);
  return { name, dimensions, type: 0, data: f32Bytes(Array.from({ length }, (_, i) => i)) };
}

export function withMetadata(fixture: GgufFixture, change: Record<string, FixtureValue | undefined>): GgufFixture {
  const entries = Object.entries({ ...fixture.metadata, ...change }).filter(
    (entry): entry is [string, FixtureValue] => entry[1] !== undefined,
  );
  return { ...fixture, metadata: Object.fromEntries(entries) };
}

export function withTensor(fixture: GgufFixture, tensor: FixtureTensor): GgufFixture {
  return { ...fixture, tensors: [...fixture.tensors.filter(({ name }) => name !== tensor.name), tensor] };
}
