import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openCheckpoint } from '../../../../server/engine/checkpoints/openCheckpoint.ts';
import { ggufBytes, tinyLlama } from '../weights/ggufFixture.ts';
import { safetensorsBytes } from '../weights/safetensorsFixture.ts';
import { temporaryFolder } from '../weights/temporaryFolder.ts';

const one = (name: string): Buffer =>
  safetensorsBytes({ [name]: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4));

describe('openCheckpoint: local', () => {
  const folder = temporaryFolder();
  const model = (name: string, files: Record<string, string | Uint8Array>): string => {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path(name), file)), { recursive: true });
      writeFileSync(join(folder.path(name), file), content);
    }
    return folder.path(name);
  };
  const config = '{"model_type": "gpt2"}';

  it('opens a folder with all that is in it', async () => {
    const weights = one('h.0.w');
    const path = model('full', {
      'config.json': config,
      'model.safetensors': weights,
      'tokenizer.json': '{"model": {}}',
      'tokenizer_config.json': '{"eos_token": "x"}',
      'chat_template.jinja': '{{ 1 }}',
    });
    const checkpoint = await openCheckpoint(path);
    assert.deepEqual(checkpoint.config, { model_type: 'gpt2' });
    assert.deepEqual(checkpoint.tokenizer, { tokenizer: { model: {} }, config: { eos_token: 'x' } });
    assert.equal(checkpoint.chatTemplate, '{{ 1 }}');
    assert.equal(checkpoint.path, path);
    await checkpoint.tensors.readInto('transformer.h.0.w', new Float32Array(1));
    assert.equal(await checkpoint.hash(), createHash('sha256').update(weights).digest('hex'));
    await checkpoint.tensors.close();
  });

  it('refuses files that are nested without end, by name', async () => {
    const deep = `{"x": ${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
    const files = { 'config.json': config, 'tokenizer.json': '{}', 'model.safetensors': one('a') };
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) {
      const path = model(`deep-${name}`, { ...files, [name]: deep });
      await assert.rejects(openCheckpoint(path), { code: 'model', message: new RegExp(`${name}: .*200 levels deep`) });
    }
  });

  it('hashes every file that describes the model, bytes and all', async () => {
    const files = {
      'config.json': config,
      'tokenizer.json': '{"model": {}}',
      'tokenizer_config.json': '{}',
      'chat_template.jinja': '{{ 1 }}',
      'generation_config.json': '{"eos_token_id": 2}',
    };
    const path = model('hashed', { ...files, 'model.safetensors': one('a') });
    const hashes = async (): Promise<Readonly<Record<string, string>>> => {
      const { tensors, fileHashes } = await openCheckpoint(path);
      await tensors.close();
      return fileHashes;
    };
    const before = await hashes();
    const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
    assert.deepEqual(before, Object.fromEntries(Object.entries(files).map(([name, text]) => [name, digest(text)])));
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(path, name), `${text} `);
      const changed = await hashes();
      assert.deepEqual(
        Object.keys(before).filter((one) => changed[one] !== before[one]),
        [name],
      );
      writeFileSync(join(path, name), text);
    }
  });

  it('takes a template out of tokenizer_config.json, of several the one called "default"', async () => {
    const named = (name: string): string =>
      JSON.stringify({
        chat_template: [
          { name: 'tool_use', template: 'x' },
          { name, template: '{{ 2 }}' },
        ],
      });
    const files = { 'config.json': config, 'model.safetensors': one('a'), 'tokenizer.json': '{}' };
    const text = await openCheckpoint(
      model('text', { ...files, 'tokenizer_config.json': '{"chat_template": "{{ 3 }}"}' }),
    );
    const list = await openCheckpoint(model('list', { ...files, 'tokenizer_config.json': named('default') }));
    assert.deepEqual([text.chatTemplate, list.chatTemplate], ['{{ 3 }}', '{{ 2 }}']);
    await Promise.all([text, list].map(({ tensors }) => tensors.close()));
    const other = model('other', { ...files, 'tokenizer_config.json': named('rag') });
    await assert.rejects(openCheckpoint(other), /"tool_use", "rag"/);
  });

  it('takes a stored head that is another matrix than the embedding for the head, and says so', async () => {
    const tensors = (second: number): Buffer =>
      safetensorsBytes(
        {
          'lm_head.weight': { dtype: 'F32', shape: [1, 1], data_offsets: [0, 4] },
          'model.embed_tokens.weight': { dtype: 'F32', shape: [1, 1], data_offsets: [4, 8] },
        },
        new Uint8Array(Float32Array.of(1, second).buffer),
      );
    const tied = '{"model_type": "llama", "tie_word_embeddings": true}';
    const same = await openCheckpoint(model('same', { 'config.json': tied, 'model.safetensors': tensors(1) }));
    const other = await openCheckpoint(model('differs', { 'config.json': tied, 'model.safetensors': tensors(2) }));
    assert.deepEqual([same.config.tie_word_embeddings, same.notes], [true, undefined]);
    assert.equal(other.config.tie_word_embeddings, false);
    assert.match(other.notes?.join() ?? '', /head that differs from the embedding/);
    await Promise.all([same, other].map(({ tensors: source }) => source.close()));
  });

  it('names how weights are quantised, and that a folder is an adapter', async () => {
    for (const method of ['bitsandbytes', 'gptq', 'awq', 'fp8', 'compressed-tensors']) {
      const quantised = JSON.stringify({ model_type: 'llama', quantization_config: { quant_method: method } });
      const path = model(method, { 'config.json': quantised, 'model.safetensors': one('a') });
      await assert.rejects(openCheckpoint(path), new RegExp(`quantised \\(${method}\\)`));
    }
    const adapter = model('adapter', { 'adapter_config.json': '{"base_model_name_or_path": "org/base"}' });
    await assert.rejects(openCheckpoint(adapter), /folder of an adapter for "org\/base"/);
  });

  it('opens a folder without a tokenizer, sharded', async () => {
    const path = model('sharded', {
      'config.json': config,
      'model.safetensors.index.json': JSON.stringify({ weight_map: { a: '1.safetensors', b: '2.safetensors' } }),
      '1.safetensors': one('a'),
      '2.safetensors': one('b'),
    });
    const checkpoint = await openCheckpoint(path);
    assert.deepEqual([...checkpoint.tensors.tensors.keys()], ['a', 'b']);
    assert.equal('tokenizer' in checkpoint, false);
    assert.equal('chatTemplate' in checkpoint, false);
    const both = Buffer.concat([one('a'), one('b')]);
    assert.equal(await checkpoint.hash(), createHash('sha256').update(both).digest('hex'));
    await checkpoint.tensors.close();
  });

  it('opens a .gguf', async () => {
    const checkpoint = await openCheckpoint(folder.write('m.gguf', ggufBytes(tinyLlama)));
    assert.equal(checkpoint.config.model_type, 'llama');
    await checkpoint.tensors.close();
  });

  it('says what is missing or damaged in a folder', async () => {
    const cases: [Record<string, string | Uint8Array>, RegExp][] = [
      [{ 'model.safetensors': one('a') }, /has no config\.json/],
      [{ 'config.json': config }, /has no model\.safetensors .*Download the model again/],
      [{ 'config.json': config, 'pytorch_model.bin': 'x' }, /pytorch_model\.bin is pickled Python.*safetensors/],
      [{ 'config.json': '{"a"', 'model.safetensors': one('a') }, /config\.json: it is not valid JSON/],
      [{ 'config.json': '[]', 'model.safetensors': one('a') }, /config\.json: it is not a JSON object/],
      [
        { 'config.json': config, 'tokenizer.json': 'null', 'model.safetensors': one('a') },
        /tokenizer\.json: it is not a JSON object/,
      ],
    ];
    for (const [i, [files, message]] of cases.entries()) {
      await assert.rejects(openCheckpoint(model(`bad-${i}`, files)), { code: 'model', message });
    }
  });

  it('refuses what is none of the three', async () => {
    await assert.rejects(openCheckpoint(folder.write('x.safetensors', one('a'))), {
      code: 'model',
      message: /safetensors file alone.*Name the folder/,
    });
    await assert.rejects(openCheckpoint(folder.write('x.bin', 'x')), {
      code: 'model',
      message: /neither a folder nor a \.gguf/,
    });
    for (const name of ['gpt2', './none', '/no/such', 'a/b/c', 'org/none.gguf', 'org/name@../../x', 'org/..', '']) {
      await assert.rejects(
        openCheckpoint(name, { offline: true }),
        { code: 'model', message: /no such file or folder, and it is no hub id/ },
        name,
      );
    }
  });
});
