import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeModelFiles } from '../../../../server/worker/host/writeModelFolder.ts';
import { openHuggingFaceFolder } from '../../../../server/engine/checkpoints/openHuggingFaceFolder.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

const tensors = [{ name: 'x', shape: [2], data: Float32Array.of(1, 2) }];

describe('writeModelFiles', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  it('writes chat template, generation configuration and tokenizer beside the weights', async () => {
    const to = join(folder.path, 'whole');
    const generation = { eos_token_id: [1, 2] };
    const tokenizer = { tokenizer: { model: {} }, config: { eos_token: 'x' } };
    const files = {
      config: { model_type: 'gpt2', torch_dtype: 'float16' },
      generation,
      tokenizer,
      chatTemplate: '{{ 1 }}',
    };
    await writeModelFiles(to, tensors, files, { changed: true });
    const opened = await openHuggingFaceFolder(to);
    assert.deepEqual(opened.config, { model_type: 'gpt2', torch_dtype: 'float32', changed: true });
    assert.deepEqual(opened.generation, generation);
    assert.deepEqual(opened.tokenizer, tokenizer);
    assert.equal(opened.chatTemplate, '{{ 1 }}');
    await opened.tensors.close();
  });

  it('writes no file that the checkpoint does not have', async () => {
    const to = join(folder.path, 'bare');
    await writeModelFiles(to, tensors, { config: {} });
    assert.deepEqual((await readdir(to)).sort(), ['config.json', 'model.safetensors']);
    assert.match(await readFile(join(to, 'config.json'), 'utf8'), /float32/);
  });
});
