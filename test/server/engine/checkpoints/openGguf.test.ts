import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import type { Checkpoint } from '../../../../server/engine/weights/checkpoint.ts';
import { openGguf } from '../../../../server/engine/checkpoints/openGguf.ts';
import {
  counting,
  ggufBytes,
  tinyGpt2,
  tinyLlama,
  withMetadata,
  withTensor,
  type FixtureValue,
  type GgufFixture,
} from '../weights/ggufFixture.ts';
import { temporaryFolder } from '../weights/temporaryFolder.ts';

describe('openGguf', () => {
  const folder = temporaryFolder();
  let number = 0;
  const opened: Checkpoint[] = [];
  const openFixture = async (fixture: GgufFixture): Promise<Checkpoint> => {
    const checkpoint = await openGguf(folder.write(`${number++}.gguf`, ggufBytes(fixture)));
    opened.push(checkpoint);
    return checkpoint;
  };
  const read = async (checkpoint: Checkpoint, name: string): Promise<number[]> => {
    const shape = checkpoint.tensors.tensors.get(name)!.shape;
    const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
    await checkpoint.tensors.readInto(name, out);
    return [...out];
  };
  after(() => Promise.all(opened.map(({ tensors }) => tensors.close())));

  it('rebuilds the configuration of a Llama', async () => {
    const { config } = await openFixture(tinyLlama);
    assert.deepEqual(config, {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      vocab_size: 6,
      hidden_size: 64,
      intermediate_size: 96,
      num_hidden_layers: 1,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 16,
      max_position_embeddings: 128,
      rms_norm_eps: 2 ** -17,
      rope_theta: 5000,
      hidden_act: 'silu',
      attention_bias: false,
      mlp_bias: false,
      tie_word_embeddings: true,
      bos_token_id: 4,
      eos_token_id: 5,
    });
  });

  it('unties the head where the file has one, and finds biases', async () => {
    const untied = await openFixture(withTensor(tinyLlama, counting('output.weight', [64, 6])));
    assert.equal(untied.config.tie_word_embeddings, false);
    assert.ok(untied.tensors.tensors.has('lm_head.weight'));
    const biased = await openFixture(withTensor(tinyLlama, counting('blk.0.attn_q.bias', [64])));
    assert.equal(biased.config.attention_bias, true);
  });

  it('states rotary scaling, by parameter or by ready-made factors', async () => {
    const linear = { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 2.5 };
    assert.deepEqual((await openFixture(withMetadata(tinyLlama, linear))).config.rope_scaling, {
      rope_type: 'linear',
      factor: 2.5,
    });
    const factors = await openFixture(withTensor(tinyLlama, counting('rope_freqs.weight', [8])));
    const divisors = [0, 1, 2, 3, 4, 5, 6, 7];
    assert.deepEqual(factors.config.rope_scaling, {
      rope_type: 'longrope',
      short_factor: divisors,
      long_factor: divisors,
      original_max_position_embeddings: 128,
      attention_factor: 1,
    });
    assert.equal(factors.tensors.tensors.has('rope_freqs.weight'), false);
    const untyped = await openFixture(withMetadata(tinyLlama, { 'llama.rope.scaling.factor': 4.5 }));
    assert.deepEqual(untyped.config.rope_scaling, { rope_type: 'linear', factor: 4.5 });
    const older = await openFixture(withMetadata(tinyLlama, { 'llama.rope.scale_linear': 3.5 }));
    assert.deepEqual(older.config.rope_scaling, { rope_type: 'linear', factor: 3.5 });
  });

  it('takes ready-made factors of rotary scaling beside a factor of 1, and refuses them beside another', async () => {
    const withFactors = withTensor(tinyLlama, counting('rope_freqs.weight', [8]));
    const one = await openFixture(withMetadata(withFactors, { 'llama.rope.scaling.factor': 1 }));
    assert.equal((one.config.rope_scaling as { rope_type: string }).rope_type, 'longrope');
    await assert.rejects(
      openFixture(withMetadata(withFactors, { 'llama.rope.scaling.factor': 4.5 })),
      /llama\.rope\.scaling\.type is linear beside the divisors of rope_freqs\.weight/,
    );
  });

  it('gives Hugging Face’s names and shapes', async () => {
    const { tensors } = await openFixture(tinyLlama);
    const layer = 'model.layers.0.';
    assert.deepEqual(Object.fromEntries(Array.from(tensors.tensors, ([name, { shape }]) => [name, shape])), {
      'model.embed_tokens.weight': [6, 64],
      'model.norm.weight': [64],
      [`${layer}input_layernorm.weight`]: [64],
      [`${layer}self_attn.q_proj.weight`]: [64, 64],
      [`${layer}self_attn.k_proj.weight`]: [32, 64],
      [`${layer}self_attn.v_proj.weight`]: [32, 64],
      [`${layer}self_attn.o_proj.weight`]: [64, 64],
      [`${layer}post_attention_layernorm.weight`]: [64],
      [`${layer}mlp.gate_proj.weight`]: [96, 64],
      [`${layer}mlp.up_proj.weight`]: [96, 64],
      [`${layer}mlp.down_proj.weight`]: [64, 96],
    });
  });

  it('puts the rows of q and k back from interleaved rotary order, and no others', async () => {
    const checkpoint = await openFixture(withTensor(tinyLlama, counting('blk.0.attn_q.bias', [64])));
    const rows = async (name: string): Promise<number[]> =>
      (await read(checkpoint, `model.layers.0.self_attn.${name}.weight`))
        .filter((_, i) => i % 64 === 0)
        .map((v) => v / 64);
    // A head of 16 rows is stored 0, 8, 1, 9, ...: row 8 of Hugging Face's is the file's row 1.
    const head = [0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15];
    const heads = (n: number): number[] => Array.from({ length: n }, (_, h) => head.map((row) => 16 * h + row)).flat();
    assert.deepEqual(await rows('q_proj'), heads(4));
    assert.deepEqual(await rows('k_proj'), heads(2));
    assert.deepEqual(
      await rows('v_proj'),
      Array.from({ length: 32 }, (_, i) => i),
    );
    assert.deepEqual(await read(checkpoint, 'model.layers.0.self_attn.q_proj.bias'), heads(4));
  });

  it('keeps the columns of a row together', async () => {
    const values = await read(await openFixture(tinyLlama), 'model.layers.0.self_attn.q_proj.weight');
    assert.deepEqual(
      values.slice(8 * 64, 8 * 64 + 64),
      Array.from({ length: 64 }, (_, i) => 64 + i),
    );
  });

  it('turns GPT-2’s projections back to [in, out], and unties its head where the file has one', async () => {
    const checkpoint = await openFixture(tinyGpt2);
    const qkv = 'transformer.h.0.attn.c_attn.weight';
    assert.deepEqual(checkpoint.tensors.tensors.get(qkv)?.shape, [4, 12]);
    const values = await read(checkpoint, qkv);
    assert.deepEqual(
      values.slice(0, 12),
      Array.from({ length: 12 }, (_, i) => 4 * i),
    );
    assert.deepEqual(values.slice(12, 14), [1, 5]);
    assert.deepEqual((await read(checkpoint, 'transformer.h.0.mlp.c_proj.weight')).slice(0, 5), [0, 16, 32, 48, 1]);
    assert.deepEqual((await read(checkpoint, 'transformer.wpe.weight')).slice(0, 3), [0, 1, 2]);
    assert.deepEqual(await read(checkpoint, 'transformer.ln_f.bias'), [0, 1, 2, 3]);
    const { model_type, n_embd, n_layer, n_head, n_inner, n_positions, vocab_size, tie_word_embeddings } =
      checkpoint.config;
    assert.deepEqual(
      { model_type, n_embd, n_layer, n_head, n_inner, n_positions, vocab_size, tie_word_embeddings },
      {
        model_type: 'gpt2',
        n_embd: 4,
        n_layer: 1,
        n_head: 2,
        n_inner: 16,
        n_positions: 8,
        vocab_size: 5,
        tie_word_embeddings: false,
      },
    );
  });

  it('reads version 2, other alignments and 64-bit integers', async () => {
    const aligned = withMetadata(tinyLlama, { 'general.alignment': 64, 'split.count': 2n ** 60n });
    const checkpoint = await openFixture({ ...aligned, version: 2 });
    assert.deepEqual((await read(checkpoint, 'model.norm.weight')).slice(0, 3), [0, 1, 2]);
  });

  it('brings its tokenizer and chat template', async () => {
    const { tokenizer, chatTemplate } = await openFixture(tinyLlama);
    const built = createTokenizer(tokenizer!, chatTemplate);
    assert.deepEqual(built.encode('ab a</s>'), [2, 3, 0, 5]);
    assert.equal(built.renderChat([{ role: 'user', content: 'hi' }]).text, 'hi');
    assert.equal((await openFixture(tinyGpt2)).tokenizer, undefined);
  });

  it('hashes its file, anew when the file has changed', async () => {
    const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    const checkpoint = await openFixture(tinyLlama);
    assert.equal(await checkpoint.hash(), sha(ggufBytes(tinyLlama)));
    assert.equal(await checkpoint.hash(), await checkpoint.hash());
    appendFileSync(checkpoint.path, 'x');
    assert.equal(await checkpoint.hash(), sha(Buffer.concat([ggufBytes(tinyLlama), Buffer.from('x')])));
  });

  it('refuses memory of another size and names that are not there', async () => {
    const { tensors } = await openFixture(tinyLlama);
    await assert.rejects(tensors.readInto('model.norm.weight', new Float32Array(63)), {
      code: 'model',
      message: /model\.norm\.weight has shape \[64\].*63/,
    });
    await assert.rejects(tensors.readInto('model.layers.1.input_layernorm.weight', new Float32Array(1)), {
      code: 'model',
      message: /is missing/,
    });
  });

  const refused: [string, Record<string, FixtureValue | undefined>, RegExp][] = [
    [
      'an unknown architecture',
      { 'general.architecture': 'mamba' },
      /the architecture mamba is not supported\. .*llama, .*gpt2, gptneox/,
    ],
    ['no architecture', { 'general.architecture': undefined }, /general\.architecture is missing/],
    ['a missing size', { 'llama.embedding_length': undefined }, /llama\.embedding_length is missing/],
    ['a size of 0', { 'llama.block_count': 0 }, /llama\.block_count is 0/],
    ['a size that is a text', { 'llama.block_count': 'x' }, /llama\.block_count is not a number/],
    [
      'heads that do not divide the rows',
      { 'llama.attention.head_count': 3, 'llama.rope.dimension_count': 16, 'llama.attention.key_length': 16 },
      /attn_q\.weight.*64 rows do not divide into 3 heads/,
    ],
    ['an entry it does not know', { 'llama.attention.clamp_kqv': 8 }, /llama\.attention\.clamp_kqv is not known/],
    [
      'values of another size than keys',
      { 'llama.attention.value_length': 8 },
      /value_length is 8, where keys have 16/,
    ],
    [
      'a factor of rotary tables that is not LongRoPE’s',
      { 'llama.rope.scaling.type': 'yarn', 'llama.rope.scaling.attn_factor': 1.5 },
      /attn_factor is 1\.5/,
    ],
    ['a mixture of experts', { 'llama.expert_count': 8 }, /llama\.expert_count is 8/],
    ['partial rotation', { 'llama.rope.dimension_count': 8 }, /dimension_count is 8, where only whole heads of 16/],
    ['an unknown tokenizer', { 'tokenizer.ggml.model': 'rwkv' }, /kind rwkv is not supported/],
  ];
  for (const [what, change, message] of refused) {
    it(`refuses ${what}, naming the file`, async () => {
      const path = folder.write('refused.gguf', ggufBytes(withMetadata(tinyLlama, change)));
      await assert.rejects(openGguf(path), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(path));
        return true;
      });
    });
  }

  it('refuses one part of a split model', async () => {
    const part = withMetadata(tinyLlama, { 'split.count': 3 });
    const path = folder.write('m-00001-of-00003.gguf', ggufBytes(part));
    await assert.rejects(openGguf(path), { code: 'model', message: /one part of a split GGUF.*--merge/ });
  });
});
