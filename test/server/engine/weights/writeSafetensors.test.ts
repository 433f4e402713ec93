import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { float16Bits } from '../../../../server/engine/weights/halfPrecision.ts';
import { openSafetensors } from '../../../../server/engine/weights/openSafetensors.ts';
import { writeSafetensors } from '../../../../server/engine/weights/writeSafetensors.ts';
import { bitsOf, floats, temporaryFolder } from './temporaryFolder.ts';

const oracle = JSON.parse(readFileSync(join(import.meta.dirname, '../../../oracles/safetensors.json'), 'utf8')) as {
  readonly file: string;
  readonly tensors: Readonly<Record<string, { shape: number[]; storage: string; values: string }>>;
  readonly narrowed: { readonly values: string; readonly bits: string };
};

describe('float16Bits', () => {
  it('rounds as PyTorch does, ties, subnormals and overflow included', () => {
    const bits = Buffer.from(oracle.narrowed.bits, 'base64');
    const values = Array.from(floats(oracle.narrowed.values));
    assert.deepEqual(
      values.map(float16Bits),
      values.map((_, i) => bits.readUInt16LE(2 * i)),
    );
  });

  it('keeps infinities and NaN', () => {
    assert.deepEqual([Infinity, -Infinity].map(float16Bits), [0x7c00, 0xfc00]);
    assert.equal(float16Bits(NaN) & 0x7fff, 0x7e00);
  });
});

describe('writeSafetensors', () => {
  const folder = temporaryFolder();
  const files = (): string[] => readdirSync(dirname(folder.path('x')));

  it('writes what it reads: F32 to the bit, F16 rounded, metadata, a scalar, an empty tensor', async () => {
    const path = folder.path('model.safetensors');
    const data = floats(oracle.narrowed.values).map((v) => (Math.abs(v) >= 65520 ? 1 : v));
    const tensors = [
      { name: 'half', shape: [data.length], data, storage: 'F16' as const },
      { name: 'whole', shape: [2, data.length / 2], data },
      { name: 'scalar', shape: [], data: new Float32Array([2.5]) },
      { name: 'empty', shape: [0, 4], data: new Float32Array(0) },
    ];
    await writeSafetensors(path, tensors, { format: 'pt' });
    const source = await openSafetensors(path);
    const read = async (name: string, length: number): Promise<Float32Array> => {
      const out = new Float32Array(length);
      await source.readInto(name, out);
      return out;
    };
    assert.deepEqual(bitsOf(await read('whole', data.length)), bitsOf(data));
    const half = await read('half', data.length);
    assert.deepEqual(Array.from(half, float16Bits), Array.from(data, float16Bits));
    assert.deepEqual(await read('scalar', 1), new Float32Array([2.5]));
    assert.deepEqual(source.tensors.get('empty')?.shape, [0, 4]);
    assert.deepEqual(source.metadata, { format: 'pt' });
    await source.close();
  });

  it('aligns the data to 8 bytes, F32 first', async () => {
    const path = folder.path('aligned.safetensors');
    const tensors = ['F16', 'F32'].map((storage) => ({
      name: storage,
      shape: [1],
      data: new Float32Array([1]),
      storage: storage as 'F16' | 'F32',
    }));
    await writeSafetensors(path, tensors);
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    assert.equal(length % 8, 0);
    assert.equal(bytes.readFloatLE(8 + length), 1);
    assert.equal(bytes.length, 8 + length + 6);
  });

  it('takes more than one chunk, and data that is made when its turn comes', async () => {
    const path = folder.path('large.safetensors');
    const length = 2 ** 21 + 3;
    const data = Float32Array.from({ length }, (_, i) => i % 2048);
    let asked = 0;
    const make = (): Promise<Float32Array> => {
      asked++;
      return Promise.resolve(data);
    };
    await writeSafetensors(path, [
      { name: 'a', shape: [length], data: make, storage: 'F16' },
      { name: 'b', shape: [length], data: make },
    ]);
    assert.equal(asked, 2);
    const source = await openSafetensors(path);
    for (const name of ['a', 'b']) {
      const out = new Float32Array(length);
      await source.readInto(name, out);
      assert.ok(Buffer.from(out.buffer).equals(Buffer.from(data.buffer)), name);
    }
    await source.close();
  });

  const whole = [{ name: 'a', shape: [4], data: new Float32Array(4) }];
  const failures: [string, () => Promise<void>, object][] = [
    [
      'values that the shape contradicts',
      () => writeSafetensors(folder.path('f'), [{ ...whole[0]!, shape: [5] }]),
      { code: 'model', message: /tensor a has 4 values for the shape \[5\]/ },
    ],
    [
      'the same name twice',
      () => writeSafetensors(folder.path('f'), [...whole, ...whole]),
      { code: 'model', message: /tensor a is given twice/ },
    ],
    [
      'a value beyond F16',
      () =>
        writeSafetensors(folder.path('f'), [
          { name: 'a', shape: [1], data: new Float32Array([70000]), storage: 'F16' },
        ]),
      { code: 'model', message: /tensor a holds 70000, beyond the range of F16/ },
    ],
    [
      'a folder that is not there',
      () => writeSafetensors(folder.path('no/such/f'), whole),
      { code: 'disk', message: /f: it cannot be written \(ENOENT/ },
    ],
  ];
  for (const [what, write, expected] of failures) {
    it(`refuses ${what} and leaves nothing behind`, async () => {
      const earlier = files();
      await assert.rejects(write(), { name: 'RankscopeError', ...expected });
      assert.deepEqual(files(), earlier);
    });
  }

  it('says that the disk is full, and leaves the earlier file as it was', async () => {
    const path = folder.write('kept.safetensors', 'earlier');
    const earlier = files();
    await assert.rejects(writeSafetensors(path, whole, {}, openOnFullDisk), {
      code: 'disk',
      message: /kept\.safetensors: the disk has no room for it \(ENOSPC\)\. Free some space/,
    });
    assert.deepEqual(files(), earlier);
    assert.equal(readFileSync(path, 'utf8'), 'earlier');
  });

  it('passes on what a tensor’s own function throws', async () => {
    const fails = { name: 'a', shape: [1], data: () => Promise.reject(new RangeError('no memory')) };
    await assert.rejects(writeSafetensors(folder.path('f'), [fails]), new RangeError('no memory'));
    assert.ok(!files().some((name) => name.startsWith('f')));
  });
});

/** The second write finds the disk full, as a real one's does. */
async function openOnFullDisk(path: string, flags: 'wx'): Promise<FileHandle> {
  const handle = await open(path, flags);
  const write = handle.write.bind(handle);
  let writes = 0;
  handle.write = ((bytes: Uint8Array, offset: number, length: number) => {
    if (++writes === 1) return write(bytes, offset, length);
    return Promise.reject(
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' }),
    );
  }) as FileHandle['write'];
  return handle;
}
