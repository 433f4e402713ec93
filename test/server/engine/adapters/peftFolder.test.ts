import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPeftFolder, writePeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { openSafetensors } from '../../../../server/engine/weights/openSafetensors.ts';
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

  const refused: readonly [string, (config: Json) => Json, RegExp][] = [
    [
      "a rank that is not the tensors'",
      (c) => ({ ...c, r: 4 }),
      /lora_A\.weight has shape \[2, 16\].* needs \[4, 16\]/,
    ],
    [
      'target modules that the tensors lack',
      (c) => ({ ...c, target_modules: ['k_proj'] }),
      /k_proj\.lora_A\.weight is missing/,
    ],
    ['another kind of adapter', (c) => ({ ...c, peft_type: 'IA3' }), /does not describe a LoRA/],
    ['target modules by pattern', (c) => ({ ...c, target_modules: '.*_proj' }), /target_modules/],
    ['a configuration without a rank', (c) => ({ ...c, r: undefined }), /does not describe a LoRA/],
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

  it('is refused where it saves more than the head of a classifier', async () => {
    const { definition } = await openTiny('bert');
    await cp(adapterFolder('bert', 'r8'), folder, { recursive: true });
    const config = { ...(await configOf(folder)), modules_to_save: ['classifier', 'embeddings'] };
    await writeFile(path.join(folder, 'adapter_config.json'), JSON.stringify(config));
    await assert.rejects(
      readPeftFolder(folder, definition),
      (error) => error instanceof RankscopeError && error.message.includes("more than a classifier's head"),
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

  for (const [field, value] of Object.entries({
    use_dora: true,
    bias: 'all',
    modules_to_save: ['lm_head'],
    rank_pattern: { q_proj: 4 },
    alpha_pattern: { q_proj: 4 },
    layers_to_transform: [0],
  })) {
    it(`refuses an adapter with "${field}", which it would compute wrongly`, async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'peft-'));
      await cp(adapterFolder('llama', 'r2'), folder, { recursive: true });
      await writeFile(
        path.join(folder, 'adapter_config.json'),
        JSON.stringify({ ...(await configOf(folder)), [field]: value }),
      );
      const { definition } = await openTiny('llama');
      await assert.rejects(
        readPeftFolder(folder, definition),
        (error) => error instanceof RankscopeError && error.code === 'model' && error.message.includes(field),
      );
      await rm(folder, { recursive: true });
    });
  }
});
