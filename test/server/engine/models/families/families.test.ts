import assert from 'node:assert/strict';
import { defineModel, expectTask, supportedModelTypes } from '../../../../../server/engine/models/families/families.ts';
import { parametersOf } from '../../../../../server/engine/models/modelDefinition.ts';
import { loadWeights } from '../../../../../server/engine/models/modelWeights.ts';
import { rotaryTables } from '../../../../../server/engine/models/blocks/rotaryTables.ts';
import type { StoredTensor, TensorSource } from '../../../../../server/engine/weights/checkpoint.ts';
import { RankscopeError } from '../../../../../server/protocol/errors.ts';

const gpt2 = { model_type: 'gpt2', vocab_size: 11, n_embd: 8, n_layer: 1, n_head: 2 };
const llama = {
  model_type: 'llama',
  vocab_size: 11,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};
const bert = {
  model_type: 'bert',
  vocab_size: 11,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 16,
};
const opt = { model_type: 'opt', vocab_size: 11, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2 };

const modelError =
  (...words: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof RankscopeError && error.code === 'model' && words.every((word) => error.message.includes(word));

const refused: readonly [string, Record<string, unknown>, readonly string[]][] = [
  ['an architecture it does not know', { model_type: 'mamba' }, ['here', '"mamba"', 'gpt2, llama']],
  ['a configuration without a type', {}, ['here', '"model_type"']],
  ['a size that is missing', { ...gpt2, n_layer: undefined }, ['here', '"n_layer" is missing']],
  ['a size that is not a positive integer', { ...llama, hidden_size: -8 }, ['"hidden_size" is -8', 'positive integer']],
  ['a size that is text', { ...llama, vocab_size: '11' }, ['"vocab_size" is "11"']],
  ['an activation that is not computed', { ...gpt2, activation_function: 'mish' }, ['"mish"', 'not supported']],
  ['a gate with another activation', { ...llama, hidden_act: 'relu2' }, ['"relu2"', 'Llama', 'not supported']],
  ['attention scaled by layer', { ...gpt2, scale_attn_by_inverse_layer_idx: true }, ['scaled by layer']],
  [
    'rotary scaling of a kind it does not know',
    { ...llama, rope_scaling: { rope_type: 'dynamic', factor: 8 } },
    ['here, "rope_scaling"', '"dynamic"', 'not supported'],
  ],
  ['rotary scaling without its factor', { ...llama, rope_parameters: { rope_type: 'yarn' } }, ['"factor" is missing']],
  [
    'a field of rotary scaling that its kind does not have',
    { ...llama, rope_scaling: { type: 'linear', factor: 2, beta_fast: 32 } },
    ['"beta_fast": 32', 'type "linear"'],
  ],
  ['rotary scaling without a kind', { ...llama, rope_scaling: { factor: 2 } }, ['"factor": 2', 'type "default"']],
  ['an OPT whose norms have no weights', { ...opt, layer_norm_elementwise_affine: false }, ['norm without weights']],
  ['an OPT with another activation', { ...opt, activation_function: 'mish' }, ['"mish"', 'OPT']],
  ['relative positions in a BERT', { ...bert, position_embedding_type: 'relative_key' }, ['"relative_key"']],
  ['a BERT that decodes', { ...bert, is_decoder: true }, ['decoder']],
  ['a problem that is no classification', { ...bert, problem_type: 'ranking' }, ['"ranking"']],
  ['classes that are not counted from 0', { ...bert, id2label: { '1': 'a', '2': 'b' } }, ['class 0']],
  ['heads that do not divide the width', { ...gpt2, n_head: 3 }, ['here', 'do not divide evenly']],
  ['query heads that do not divide over the key heads', { ...llama, num_key_value_heads: 3 }, ['4 heads over 3']],
];

describe('defineModel', () => {
  it('knows the families of the paper and their kin', () =>
    assert.deepEqual(supportedModelTypes, [
      ...['gpt2', 'llama', 'qwen2', 'qwen3', 'mistral', 'smollm3', 'gemma', 'gemma2', 'gemma3_text', 'phi3', 'olmo2'],
      ...[
        'granite',
        'opt',
        'gpt_neox',
        'bert',
        'roberta',
        'xlm-roberta',
        'distilbert',
        'electra',
        'albert',
        'modernbert',
      ],
    ]));

  it('says what a model is for when it is asked for something else', () => {
    const encoder = defineModel(bert, 'here');
    expectTask(encoder, 'sequence-classification', 'here');
    assert.throws(
      () => expectTask(encoder, 'causal-lm', 'here'),
      modelError('here', 'bert is an encoder', 'llama, qwen2'),
    );
    const causal = defineModel(gpt2, 'here');
    expectTask(causal, 'causal-lm', 'here');
    assert.throws(
      () => expectTask(causal, 'sequence-classification', 'here'),
      modelError('gpt2 predicts tokens', 'bert, roberta'),
    );
  });

  it('reads the classes of a classifier as Transformers does', () => {
    const classes = (json: Record<string, unknown>): unknown =>
      defineModel({ ...bert, ...json }, 'here').config.classification;
    assert.deepEqual(classes({}), { labels: ['LABEL_0', 'LABEL_1'], kind: 'single-label', kindIsAssumed: true });
    assert.deepEqual(classes({ problem_type: 'single_label_classification' }), {
      labels: ['LABEL_0', 'LABEL_1'],
      kind: 'single-label',
    });
    const named = { id2label: { '0': 'calm', '1': 'toxic', '2': 'other' }, problem_type: 'multi_label_classification' };
    assert.deepEqual(classes(named), { labels: ['calm', 'toxic', 'other'], kind: 'multi-label' });
    assert.deepEqual(classes({ num_labels: 1 }), { labels: ['LABEL_0'], kind: 'multi-label' });
    assert.deepEqual(classes({ num_labels: 1, problem_type: 'regression' }), {
      labels: ['LABEL_0'],
      kind: 'regression',
    });
  });

  for (const [what, json, words] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => defineModel(json, 'here'), modelError(...words)));
  }

  it('takes the defaults of Transformers where config.json is silent', () => {
    const shapes = (json: Record<string, unknown>): Map<string, readonly number[]> =>
      new Map(parametersOf(defineModel(json, 'here')).map((p) => [p.name, p.shape]));
    const gpt = shapes(gpt2);
    assert.deepEqual(gpt.get('transformer.h.0.mlp.c_fc.weight'), [8, 32]);
    assert.deepEqual(gpt.get('transformer.wpe.weight'), [1024, 8]);
    assert.equal(gpt.has('lm_head.weight'), false);
    const lla = shapes(llama);
    assert.deepEqual(lla.get('model.layers.0.self_attn.k_proj.weight'), [4, 8]);
    assert.deepEqual(lla.get('lm_head.weight'), [11, 8]);
    assert.equal(lla.has('model.layers.0.self_attn.q_proj.bias'), false);
  });
});

/** A source whose tensors are all of one value. */
function source(shapes: ReadonlyMap<string, readonly number[]>): { tensors: TensorSource; path: string } {
  const tensors = new Map<string, StoredTensor>(
    [...shapes].map(([name, shape]) => [name, { name, shape, storage: 'F32' }]),
  );
  return {
    path: 'folder',
    tensors: {
      tensors,
      readInto: (_, out) => Promise.resolve(void out.fill(1)),
      close: () => Promise.resolve(),
    },
  };
}

describe('loadWeights', () => {
  const definition = defineModel(llama, 'here');
  const stored = (): Map<string, readonly number[]> =>
    new Map(parametersOf(definition).flatMap((p) => (p.compute ? [] : [[p.name, p.shape] as const])));

  it('reads every stored parameter, computes the tables, and says how far it is', async () => {
    const heard: string[] = [];
    const weights = await loadWeights(definition, source(stored()), (done, total) => heard.push(`${done}/${total}`));
    assert.deepEqual(
      [...weights.keys()].toSorted(),
      parametersOf(definition)
        .map((p) => p.name)
        .toSorted(),
    );
    assert.equal(heard.at(-1), `${stored().size}/${stored().size}`);
    for (const { name, shape } of parametersOf(definition)) {
      assert.equal(
        weights.get(name)?.data.length,
        shape.reduce((a, b) => a * b, 1),
        name,
      );
    }
  });

  it('names a tensor that is missing, and one of another shape', async () => {
    const [missing, misfit] = [stored(), stored()];
    missing.delete('model.norm.weight');
    await assert.rejects(
      loadWeights(definition, source(missing)),
      modelError('folder', 'model.norm.weight [8] is missing'),
    );
    misfit.set('model.embed_tokens.weight', [12, 8]);
    await assert.rejects(loadWeights(definition, source(misfit)), modelError('[12, 8]', '[11, 8]', 'embed_tokens'));
  });
});

describe('rotaryTables', () => {
  it('hold cos and sin of position x theta^(-2i/size)', () => {
    const [cos, sin] = rotaryTables({ name: 'rope', size: 4, theta: 100, scaling: { kind: 'default' } }, 3).map((p) => [
      ...(p.compute?.() ?? []),
    ]);
    const angles = [0, 0, 1, 0.1, 2, 0.2];
    const close = (actual: readonly number[] | undefined, f: (x: number) => number): void =>
      angles.forEach((angle, i) => assert.ok(Math.abs((actual?.[i] ?? NaN) - f(angle)) < 1e-7));
    close(cos, Math.cos);
    close(sin, Math.sin);
  });
});
