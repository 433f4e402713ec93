import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPeftFolder, writePeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { openSafetensors } from '../../../../server/engine/weights/openSafetensors.ts';
import { writeSafetensors } from '../../../../server/engine/weights/writeSafetensors.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { adapterFolder, openTiny, type Variant } from '../models/tinyModel.ts';

type Json = Record<string, unknown>;
const configOf = async (folder: string): Promise<Json> =>
  JSON.parse(await readFile(path.join(folder, 'adapter_config.json'), 'utf8')) as Json;

async function tensorsOf(folder: string): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
  const source = await openSafetensors(path.join(folder, 'adapter_model.safetensors'));
  const read = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, { shape }] of source.tensors) {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    await source.readInto(name, data);
    read.set(name, { shape, data });
  }
  await source.close();
  return read;
}

const arms: readonly [Variant, string][] = [
  ['gpt2', 'r8'],
  ['gpt2', 'r4-rslora-all'],
  ['llama', 'r2'],
  ['llama', 'r4-rslora-all'],
  ['opt', 'r8'],
  ['opt-post-norm-projected', 'r4-rslora-all'],
  ['qwen2', 'r8'],
  ['qwen3', 'r4-rslora-all'],
  ['mistral', 'r8'],
  ['smollm3', 'r8'],
  ['gemma', 'r8'],
  ['gemma2', 'r8'],
  ['gemma3', 'r4-rslora-all'],
  ['phi3', 'r8'],
  ['phi3', 'r4-rslora-all'],
  ['olmo2', 'r8'],
  ['granite', 'r8'],
  ['gpt-neox', 'r8'],
  ['gpt-neox', 'r4-rslora-all'],
  ['bert', 'r8'],
  ['bert', 'r4-rslora-all'],
  ['roberta', 'r4-rslora-all'],
  ['distilbert', 'r8'],
  ['electra', 'r8'],
  ['electra', 'r4-rslora-all'],
  ['albert', 'r8'],
  ['modernbert', 'r8'],
];

/** PEFT lists `score`, which no model here has, and takes `pre_classifier` by the ending that it shares. */
const savedModules = ({ modules_to_save: modules }: Json): unknown =>
  (modules as readonly string[] | null)?.filter((name) => !['score', 'pre_classifier'].includes(name)) ?? null;

describe("PEFT's adapter folder", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'peft-'))));
  afterEach(() => rm(folder, { recursive: true }));

  for (const [model, arm] of arms) {
    it(`of ${arm} of ${model} is read and written again, tensor by tensor as PEFT wrote it`, async () => {
      const { definition } = await openTiny(model);
      const original = adapterFolder(model, arm);
      await writePeftFolder(folder, await readPeftFolder(original, definition), 'tiny', definition);
      const sorted = async (from: string): Promise<unknown> =>
        [...(await tensorsOf(from))].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(await sorted(folder), await sorted(original));
      const [ours, theirs] = [await configOf(folder), await configOf(original)];
      const keys = [
        'peft_type',
        'task_type',
        'r',
        'lora_alpha',
        'lora_dropout',
        'fan_in_fan_out',
        'use_rslora',
        'bias',
      ];
      assert.deepEqual(savedModules(ours), savedModules(theirs));
      for (const key of keys) assert.deepEqual(ours[key], theirs[key], key);
    });
  }

  const without = (config: Json, field: string): Json =>
    Object.fromEntries(Object.entries(config).filter(([name]) => name !== field));
  const refused: readonly [string, (config: Json) => Json, RegExp][] = [
    [
      "a rank that is not the tensors'",
      (c) => ({ ...c, r: 4 }),
      /lora_A\.weight has shape \[2, 16\].* needs \[4, 16\]/,
    ],
    [
      "a rank_pattern that is not the tensors'",
      (c) => ({ ...c, rank_pattern: { q_proj: 4 } }),
      /q_proj\.lora_A\.weight has shape \[2, 16\].* needs \[4, 16\]/,
    ],
    [
      'tensors of modules that it does not target',
      (c) => ({ ...c, target_modules: ['v_proj'] }),
      /leaves out model\.layers\.0\.self_attn\.q_proj/,
    ],
    [
      'tensors of layers that it leaves out',
      (c) => ({ ...c, layers_to_transform: [0] }),
      /leaves out model\.layers\.1\.self_attn\.q_proj/,
    ],
    [
      'tensors of modules that it excludes',
      (c) => ({ ...c, exclude_modules: ['v_proj'] }),
      /leaves out model\.layers\.0\.self_attn\.v_proj/,
    ],
    [
      'target modules that the tensors lack',
      (c) => ({ ...c, target_modules: '.*_proj' }),
      /k_proj\.lora_A\.weight is missing/,
    ],
    ['a pattern that a matcher could try for ages', (c) => ({ ...c, target_modules: '((.*)+)+q' }), /too costly/],
    ['a pattern that cannot be read', (c) => ({ ...c, target_modules: '*q_proj' }), /"target_modules" cannot be read/],
    ['no target modules', (c) => without(c, 'target_modules'), /"target_modules"/],
    ['another kind of adapter', (c) => ({ ...c, peft_type: 'IA3' }), /"peft_type" is "IA3"/],
    ['a configuration without a rank', (c) => without(c, 'r'), /"r" is missing/],
    ['a configuration without an alpha', (c) => without(c, 'lora_alpha'), /"lora_alpha" is missing/],
    ['an alpha of 0', (c) => ({ ...c, lora_alpha: 0 }), /"lora_alpha" is 0/],
    ['DoRA without magnitudes', (c) => ({ ...c, use_dora: true }), /lora_magnitude_vector is missing/],
    ['a saved head that it lacks', (c) => ({ ...c, modules_to_save: ['lm_head'] }), /lm_head\.weight/],
    [
      'a saved embedding that it lacks',
      (c) => ({ ...c, modules_to_save: ['embed_tokens'] }),
      /embed_tokens\.weight is m/,
    ],
    [
      'a field that nobody knows',
      (c) => ({ ...c, use_future: { kind: 1 } }),
      /"use_future": \{"kind":1\} is not understood/,
    ],
    ...['pissa', 'pissa_niter_4', 'olora', 'corda', 'loftq', 'lora_ga', 'mica'].map(
      (init): [string, (config: Json) => Json, RegExp] => [
        `"init_lora_weights": "${init}", which changes the base`,
        (c) => ({ ...c, init_lora_weights: init }),
        new RegExp(`"init_lora_weights": "${init}"`),
      ],
    ),
    ...Object.entries({
      alora_invocation_tokens: [1],
      layer_replication: [[0, 1]],
      lora_bias: true,
      trainable_token_indices: [5],
      target_parameters: ['mlp.weight'],
      use_qalora: true,
      bias: 'some',
    }).map(([field, value]): [string, (config: Json) => Json, RegExp] => [
      `"${field}"`,
      (c) => ({ ...c, [field]: value }),
      new RegExp(`"${field}"`),
    ]),
  ];
  for (const [what, change, message] of refused) {
    it(`is refused for ${what}`, async () => {
      const { definition } = await openTiny('llama');
      await cp(adapterFolder('llama', 'r2'), folder, { recursive: true });
      await writeFile(path.join(folder, 'adapter_config.json'), JSON.stringify(change(await configOf(folder))));
      await assert.rejects(
        readPeftFolder(folder, definition),
        (error) => error instanceof RankscopeError && error.code === 'model' && message.test(error.message),
      );
    });
  }

  it('is refused where a value is not finite, naming the tensor', async () => {
    const { definition } = await openTiny('llama');
    const arm = await readPeftFolder(adapterFolder('llama', 'r2'), definition);
    arm.store.tensor(arm.store.names[1] ?? '', 'value').data[2] = NaN;
    await writePeftFolder(folder, arm, 'base', definition);
    await assert.rejects(
      readPeftFolder(folder, definition),
      (error) => error instanceof RankscopeError && /element 2 of tensor \S+lora_B\.weight is NaN/.test(error.message),
    );
  });

  it('is refused where it saves more than the file has', async () => {
    const { definition } = await openTiny('bert');
    await cp(adapterFolder('bert', 'r8'), folder, { recursive: true });
    const config = { ...(await configOf(folder)), modules_to_save: ['classifier', 'embeddings'] };
    await writeFile(path.join(folder, 'adapter_config.json'), JSON.stringify(config));
    await assert.rejects(
      readPeftFolder(folder, definition),
      (error) =>
        error instanceof RankscopeError && error.message.includes('embeddings.word_embeddings.weight is missing'),
    );
  });

  it('names its targets by their whole paths where their endings would mean other modules too', async () => {
    const { definition } = await openTiny('roberta');
    await writePeftFolder(
      folder,
      await readPeftFolder(adapterFolder('roberta', 'r4-rslora-all'), definition),
      'x',
      definition,
    );
    const { target_modules: targets } = await configOf(folder);
    assert.ok(Array.isArray(targets) && targets.includes('roberta.encoder.layer.0.intermediate.dense'));
    const bert = await openTiny('bert');
    const arm = await readPeftFolder(adapterFolder('bert', 'r4-rslora-all'), bert.definition);
    await writePeftFolder(folder, arm, 'x', bert.definition);
    assert.deepEqual((await configOf(folder)).target_modules, ['query', 'key', 'value', 'dense']);
  });

  it('is refused where it has no configuration, naming the file', async () => {
    const { definition } = await openTiny('llama');
    await assert.rejects(
      readPeftFolder(folder, definition),
      (error) => error instanceof RankscopeError && error.message.includes('adapter_config.json'),
    );
  });

  it('takes fields that say nothing as if they were not there', async () => {
    const { definition } = await openTiny('llama');
    await cp(adapterFolder('llama', 'r2'), folder, { recursive: true });
    const nothing = { use_future: null, other_config: {}, list: [], flag: false };
    await writeFile(
      path.join(folder, 'adapter_config.json'),
      JSON.stringify({ ...(await configOf(folder)), ...nothing }),
    );
    assert.equal((await readPeftFolder(folder, definition)).rank, 2);
  });

  it('names pickled weights and does not open them', async () => {
    const { definition } = await openTiny('llama');
    await cp(path.join(adapterFolder('llama', 'r2'), 'adapter_config.json'), path.join(folder, 'adapter_config.json'));
    await writeFile(path.join(folder, 'adapter_model.bin'), 'x');
    await assert.rejects(readPeftFolder(folder, definition), /adapter_model\.bin is pickled/);
  });

  it('gives modules with ranks and alphas of their own their own scale', async () => {
    const { definition } = await openTiny('llama');
    const original = adapterFolder('llama', 'r2');
    const plain = await readPeftFolder(original, definition);
    const [a, b] = ['model.layers.0.self_attn.q_proj.lora_A', 'model.layers.0.self_attn.q_proj.lora_B'];
    const tensors = [...(await tensorsOf(original))].map(([name, { shape, data }]) => {
      // The first row of A and the first column of B alone: rank 1.
      if (name === `base_model.model.${a}.weight`) return { name, shape: [1, 16], data: data.slice(0, 16) };
      if (name === `base_model.model.${b}.weight`)
        return { name, shape: [16, 1], data: data.filter((_, i) => i % 2 === 0) };
      return { name, shape, data };
    });
    await writeSafetensors(path.join(folder, 'adapter_model.safetensors'), tensors);
    const config = {
      ...(await configOf(original)),
      rank_pattern: { '^model.layers.0.self_attn.q_proj': 1 },
      alpha_pattern: { 'layers.0.self_attn.q_proj': 3 * plain.alpha },
    };
    await writeFile(path.join(folder, 'adapter_config.json'), JSON.stringify(config));
    const arm = await readPeftFolder(folder, definition);
    assert.equal(arm.uneven, true);
    const [of, right] = [arm, plain].map(({ store }) => (name: string): number[] => [
      ...store.tensor(name, 'value').data,
    ]);
    // Thrice the alpha over half the rank: six times the scale of the arm.
    assert.deepEqual(
      of?.(b),
      right?.(b).map((x, i) => (i % 2 === 0 ? Math.fround(6 * x) : 0)),
    );
    assert.deepEqual(
      of?.(a),
      right?.(a).map((x, i) => (i < 16 ? x : 0)),
    );
    const other = b.replace('layers.0', 'layers.1');
    assert.deepEqual(of?.(other), right?.(other));
  });
});
