import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { openSafetensors } from '../../../../server/engine/weights/openSafetensors.ts';
import { safetensorsBytes } from './safetensorsFixture.ts';
import { bitsOf, floats, seeded, temporaryFolder } from './temporaryFolder.ts';

interface Oracle {
  readonly file: string;
  readonly tensors: Readonly<Record<string, { shape: number[]; storage: string; values: string }>>;
}
const oracle = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../oracles/safetensors.json'), 'utf8'),
) as Oracle;
const reference = Buffer.from(oracle.file, 'base64');

const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('openSafetensors', () => {
  const folder = temporaryFolder();

  it('reads the reference implementation’s file: names, shapes, types, values to the bit', async () => {
    const source = await openSafetensors(folder.write('reference.safetensors', reference));
    assert.deepEqual([...source.tensors.keys()].sort(), Object.keys(oracle.tensors).sort());
    for (const [name, { shape, storage, values }] of Object.entries(oracle.tensors)) {
      const stored = source.tensors.get(name)!;
      assert.deepEqual([stored.name, stored.shape, stored.storage], [name, shape, storage]);
      const out = new Float32Array(floats(values).length);
      await source.readInto(name, out);
      assert.deepEqual(bitsOf(out), bitsOf(floats(values)), name);
    }
    assert.deepEqual(source.metadata, { format: 'pt', note: 'é' });
    await source.close();
  });

  it('fills a view within a larger memory and touches nothing else', async () => {
    const source = await openSafetensors(folder.write('view.safetensors', reference));
    const memory = new Float32Array(30).fill(9);
    await source.readInto('a.weight', memory.subarray(5, 20));
    assert.deepEqual([...memory.subarray(0, 5), ...memory.subarray(20)], Array(15).fill(9));
    assert.deepEqual(bitsOf(memory.slice(5, 20)), bitsOf(floats(oracle.tensors['a.weight']!.values)));
    await source.close();
  });

  it('finds a tensor whose base prefix the file leaves out or adds', async () => {
    const header = { 'h.0.w': entry(0, 4), 'model.decoder.layers.0.w': entry(4, 8), 'bert.pooler': entry(8, 12) };
    const data = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
    const source = await openSafetensors(folder.write('names.safetensors', safetensorsBytes(header, data)));
    const out = new Float32Array(1);
    const found: Record<string, number> = {
      'transformer.h.0.w': 1,
      'decoder.layers.0.w': 2,
      'layers.0.w': 2,
      pooler: 3,
    };
    for (const [name, value] of Object.entries(found)) {
      await source.readInto(name, out);
      assert.equal(out[0], value, name);
    }
    await assert.rejects(source.readInto('transformer.h.1.w', out), {
      code: 'model',
      message: /transformer\.h\.1\.w is missing/,
    });
    await source.close();
  });

  it('refuses memory of another size, and types that are no floats', async () => {
    const header = { a: entry(0, 8), ids: entry(8, 16, [1], 'I64') };
    const path = folder.write('sizes.safetensors', safetensorsBytes(header, new Uint8Array(16)));
    const source = await openSafetensors(path);
    await assert.rejects(source.readInto('a', new Float32Array(3)), {
      code: 'model',
      message: /a has shape \[2\].*model has 3/,
    });
    await assert.rejects(source.readInto('ids', new Float32Array(1)), {
      code: 'model',
      message: /ids is stored as I64/,
    });
    await source.close();
  });

  it('says so when the file shrinks after it was opened', async () => {
    const header = { a: entry(0, 8) };
    const path = folder.write('shrinks.safetensors', safetensorsBytes(header, new Uint8Array(8)));
    const source = await openSafetensors(path);
    folder.write('shrinks.safetensors', safetensorsBytes(header, new Uint8Array(3)));
    await assert.rejects(source.readInto('a', new Float32Array(2)), {
      code: 'model',
      message: /ends at byte \d+, inside tensor a/,
    });
    await source.close();
  });

  it('names a file that is missing or no file', async () => {
    await assert.rejects(openSafetensors(folder.path('none.safetensors')), {
      code: 'model',
      message: /none\.safetensors: there is no such file/,
    });
    await assert.rejects(openSafetensors(dirname(folder.path('x'))), { code: 'model', message: /it is not a file/ });
  });

  const zeros = (n: number): Uint8Array => new Uint8Array(n);
  const damages: [string, Buffer, RegExp][] = [
    ['fewer than 8 bytes', Buffer.from([1, 2]), /8 bytes or more, this one 2/],
    [
      'a header length of 2^60',
      safetensorsBytes({}, zeros(0), 2n ** 60n),
      /states a header of 1152921504606846976 bytes, but the whole file has 10/,
    ],
    [
      'a header length of 2^64 - 1',
      safetensorsBytes({}, zeros(0), 2n ** 64n - 1n),
      /states a header of 18446744073709551615/,
    ],
    ['a header that is no JSON', safetensorsBytes('{"a":', zeros(4)), /not valid JSON/],
    ['a header that is no UTF-8', safetensorsBytes('', Buffer.from([0x22, 0xff, 0x22]), 3n), /not valid JSON/],
    ['a header that is a list', safetensorsBytes('[]', zeros(0)), /not a JSON object/],
    ['a tensor that is no object', safetensorsBytes({ a: 1 }, zeros(0)), /tensor a has the unknown type undefined/],
    [
      'an unknown type',
      safetensorsBytes({ a: entry(0, 4, [1], 'F33') }, zeros(4)),
      /tensor a has the unknown type "F33"/,
    ],
    [
      'a type named like a method',
      safetensorsBytes({ a: entry(0, 4, [1], 'toString') }, zeros(4)),
      /unknown type "toString"/,
    ],
    ['a negative size', safetensorsBytes({ a: entry(0, 4, [-1, -1]) }, zeros(4)), /shape \[-1,-1\]/],
    ['a fractional size', safetensorsBytes({ a: entry(0, 4, [0.5, 2]) }, zeros(4)), /shape \[0\.5,2\]/],
    ['no offsets', safetensorsBytes({ a: { dtype: 'F32', shape: [1] } }, zeros(4)), /no valid data_offsets/],
    [
      'an end before the beginning',
      safetensorsBytes({ a: entry(4, 0, [1]) }, zeros(4)),
      /ends \(0\) before it begins \(4\)/,
    ],
    [
      'a size that the shape contradicts',
      safetensorsBytes({ a: entry(0, 8, [3]) }, zeros(8)),
      /has 8 bytes, but F32 of shape \[3\] needs 12/,
    ],
    [
      'a product beyond all numbers',
      safetensorsBytes({ a: entry(0, 4, [2 ** 53 - 1, 2 ** 53 - 1]) }, zeros(4)),
      /needs 3\.\d+e\+32/,
    ],
    ['overlapping offsets', safetensorsBytes({ a: entry(0, 8), b: entry(4, 12) }, zeros(12)), /tensor b overlaps/],
    ['a gap', safetensorsBytes({ a: entry(0, 4), b: entry(8, 12) }, zeros(12)), /gap of unused bytes before tensor b/],
    [
      'a tensor beyond the end',
      safetensorsBytes({ a: entry(0, 8) }, zeros(7)),
      /tensor a ends at byte \d+, but the file has/,
    ],
    ['bytes after the last tensor', safetensorsBytes({ a: entry(0, 4) }, zeros(5)), /1 bytes follow the last tensor/],
    [
      'metadata that is no text',
      safetensorsBytes({ __metadata__: { a: 1 } }, zeros(0)),
      /__metadata__ entry a is not a text/,
    ],
  ];
  for (const [what, bytes, message] of damages) {
    it(`refuses ${what}, naming the file`, async () => {
      const path = folder.write('damaged.safetensors', bytes);
      await assert.rejects(openSafetensors(path), (error: unknown) => {
        assert.ok(error instanceof RankscopeError);
        assert.equal(error.code, 'model');
        assert.match(error.message, message);
        assert.equal(error.details.where, path);
        assert.match(error.details.remedy ?? '', /download or convert/);
        return true;
      });
    });
  }

  it('refuses every truncation', async () => {
    for (let length = 0; length < reference.length; length++) {
      const path = folder.write('cut.safetensors', reference.subarray(0, length));
      await assert.rejects(openSafetensors(path), { name: 'RankscopeError', code: 'model' }, `cut to ${length}`);
    }
  });

  it('survives 400 random changes: it opens and reads, or refuses in our own words', async () => {
    const random = seeded(5);
    for (let round = 0; round < 400; round++) {
      const bytes = Buffer.from(reference);
      for (let i = 0; i <= random(4); i++) bytes[random(random(2) === 0 ? 16 : bytes.length)] = random(256);
      await openAndReadAll(folder.write('fuzzed.safetensors', bytes));
    }
  });
});

/** A RankscopeError is an answer; anything else thrown is a fault. */
async function openAndReadAll(path: string): Promise<void> {
  try {
    const source = await openSafetensors(path);
    try {
      for (const { name, shape } of source.tensors.values()) {
        await source.readInto(name, new Float32Array(shape.reduce((a, b) => a * b, 1)));
      }
    } finally {
      await source.close();
    }
  } catch (error) {
    if (!(error instanceof RankscopeError)) throw error;
  }
}

describe('openSafetensors: sharded', () => {
  const folder = temporaryFolder();
  const shard = (tensors: Record<string, number>): Buffer => {
    const names = Object.keys(tensors);
    const header = Object.fromEntries(names.map((name, i) => [name, entry(4 * i, 4 * i + 4)]));
    return safetensorsBytes(header, new Uint8Array(new Float32Array(Object.values(tensors)).buffer));
  };
  const index = (map: unknown): string =>
    folder.write('model.safetensors.index.json', JSON.stringify({ metadata: {}, weight_map: map }));

  it('reads every tensor from its shard', async () => {
    folder.write('model-1.safetensors', shard({ a: 1, b: 2 }));
    folder.write('model-2.safetensors', shard({ c: 3 }));
    const source = await openSafetensors(
      index({ a: 'model-1.safetensors', b: 'model-1.safetensors', c: 'model-2.safetensors' }),
    );
    const out = new Float32Array(1);
    for (const [name, value] of Object.entries({ a: 1, b: 2, c: 3 })) {
      await source.readInto(name, out);
      assert.equal(out[0], value);
    }
    assert.deepEqual(source.files, [folder.path('model-1.safetensors'), folder.path('model-2.safetensors')]);
    await source.close();
  });

  it('refuses files outside the folder', async () => {
    for (const file of [
      '../x.safetensors',
      '/etc/x.safetensors',
      'a/b.safetensors',
      'a\\b.safetensors',
      '..',
      'passwd',
      7,
      '\0.safetensors',
    ]) {
      await assert.rejects(
        openSafetensors(index({ a: file })),
        { code: 'model', message: /no \.safetensors file beside it/ },
        String(file),
      );
    }
  });

  it('refuses a tensor that is in no shard, in the wrong shard’s place, or in two', async () => {
    await assert.rejects(openSafetensors(index({ z: 'model-1.safetensors' })), {
      message: /places tensor z in model-1\.safetensors, which does not hold it/,
    });
    await assert.rejects(openSafetensors(index({ a: 'model-1.safetensors', z: 'model-9.safetensors' })), {
      message: /model-9\.safetensors: there is no such file/,
    });
    folder.write('model-3.safetensors', shard({ a: 5 }));
    const twice = index({ a: 'model-1.safetensors', b: 'model-3.safetensors' });
    await assert.rejects(openSafetensors(twice), {
      message: /model-3\.safetensors: it holds tensor a, which .*model-1\.safetensors holds too/,
    });
  });

  it('refuses an index that is damaged or has no map', async () => {
    const path = folder.write('model.safetensors.index.json', '{"weight_map": {');
    await assert.rejects(openSafetensors(path), { code: 'model', message: /not valid JSON/ });
    for (const map of [undefined, null, [], 'x'])
      await assert.rejects(openSafetensors(index(map)), { message: /no weight_map/ });
    const empty = folder.write('model.safetensors.index.json', 'null');
    await assert.rejects(openSafetensors(empty), { message: /no weight_map/ });
  });
});
