import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { estimateMemory } from '../../../../server/engine/models/memoryEstimate.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { folderOf, openTiny } from '../../engine/models/tinyModel.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

const host = createEngineHost();

describe('what is said of a model without opening it', () => {
  it('is read off its configuration and the header of its weights', async () => {
    const path = folderOf('llama-group3-untied');
    const { definition } = await openTiny('llama-group3-untied');
    // Numbers: 2 x 48 x 24 of embedding and head, 2 x 24 x 24 and 2 x 8 x 24 of attention, 3 x 40 x 24 and 3 norms.
    assert.deepEqual(await host.describeModel(path), {
      ...{ reference: path, path, family: 'llama', task: 'causal-lm' },
      ...{ parameters: 6792, layers: 1, hiddenSize: 24, vocabulary: 48, contextLength: 24 },
      ...{ storage: 'F16', bytes: 14_768, hasTokenizer: false, hasChatTemplate: false },
      // Of [24, 24] and [8, 24] the least side.
      ...{ defaultTargets: ['q_proj', 'v_proj'], largestRank: 8 },
      memoryFp32: estimateMemory(definition, 'float32').total,
      memoryFp16: estimateMemory(definition, 'float16').total,
    });
  });

  it('names the classes of a classifier, and tells of a tokenizer', async () => {
    const bert = await host.describeModel(folderOf('bert-3-classes-relu'));
    assert.deepEqual(
      [bert.task, bert.labels, bert.defaultTargets],
      ['sequence-classification', ['LABEL_0', 'LABEL_1', 'LABEL_2'], ['query', 'value']],
    );
    const demo = await host.describeModel('examples/demo/model');
    assert.deepEqual([demo.hasTokenizer, demo.hasChatTemplate, demo.labels], [true, false, undefined]);
  });
});

describe("the models of the hub's cache", () => {
  const names = ['HF_HOME', 'HF_HUB_CACHE'] as const;
  const before = names.map((name) => process.env[name]);
  const folder = temporaryFolder();
  afterEach(() => {
    names.forEach((name, i) => {
      const value = before[i];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    });
  });
  after(() => folder.remove());

  it('are named by owner and model; other folders there are none', async () => {
    const home = join(folder.path, 'home');
    for (const name of ['models--owner--a-model', 'models--gpt2', 'datasets--owner--data']) {
      mkdirSync(join(home, 'hub', name), { recursive: true });
    }
    process.env.HF_HOME = home;
    assert.deepEqual([...(await host.localModels())].sort(), ['gpt2', 'owner/a-model']);
    process.env.HF_HUB_CACHE = join(home, 'nowhere');
    assert.deepEqual(await host.localModels(), []);
  });

  it('cannot be listed where the cache is no folder', async () => {
    const file = join(folder.path, 'a-file');
    writeFileSync(file, '');
    process.env.HF_HUB_CACHE = file;
    await assert.rejects(host.localModels(), (error) => error instanceof RankscopeError && error.code === 'disk');
  });
});
