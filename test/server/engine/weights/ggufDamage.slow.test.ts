import assert from 'node:assert/strict';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { readGgufHeader } from '../../../../server/engine/weights/ggufHeader.ts';
import { openGguf } from '../../../../server/engine/checkpoints/openGguf.ts';
import { openWeightFile } from '../../../../server/engine/weights/weightFile.ts';
import { counting, ggufBytes, tinyGpt2, tinyLlama, u64, withMetadata, type GgufFixture } from './ggufFixture.ts';
import { seeded, temporaryFolder } from './temporaryFolder.ts';

const whole = ggufBytes(tinyGpt2);

/** The file with `bytes` written over it at `at`. */
function patched(at: number, bytes: Uint8Array, base = whole): Buffer {
  const copy = Buffer.from(base);
  copy.set(bytes, at);
  return copy;
}

/** Where a text stands in the file. */
const find = (text: string, base = whole): number => base.indexOf(text);
const afterName = (name: string): number => find(name) + name.length;

describe('damaged GGUF files', () => {
  const folder = temporaryFolder();
  const one = (change: Partial<GgufFixture['tensors'][number]>): Buffer =>
    ggufBytes({ ...tinyGpt2, tensors: [{ ...counting('token_embd.weight', [4, 5]), ...change }] });

  const damages: [string, Buffer, RegExp][] = [
    ['another magic number', patched(0, Buffer.from('GGML')), /does not begin with GGUF\. This is no GGUF file/],
    ['version 1', patched(4, Buffer.from([1])), /GGUF version 1, where 2 and 3 are known/],
    ['big-endian', patched(4, Buffer.from([0, 0, 0, 3])), /big-endian/],
    [
      'a tensor count of 2^60',
      patched(8, u64(2n ** 60n)),
      /the tensor count is 1152921504606846976, but the rest of the file holds \d+/,
    ],
    ['a metadata count of 2^60', patched(16, u64(2n ** 60n)), /the metadata count is 1152921504606846976/],
    ['a tensor count that is one too many', patched(8, u64(8)), /byte \d+: /],
    ['a metadata count that is one too many', patched(16, u64(8)), /byte \d+: /],
    [
      'a key of 2^60 bytes',
      patched(24, u64(2n ** 60n)),
      /key of metadata entry 0 states a length of 1152921504606846976/,
    ],
    [
      'an unknown value type',
      patched(afterName('gpt2.block_count'), Buffer.from([99])),
      /gpt2\.block_count has the unknown type 99/,
    ],
    [
      'the same key twice',
      ggufBytes(withMetadata(tinyGpt2, { 'gpt2.block_counx': 1 })).map((b) => (b === 0x78 ? 0x74 : b)) as Buffer,
      /gpt2\.block_count stands there twice/,
    ],
    [
      'an array of 2^60 elements',
      (() => {
        const base = ggufBytes(withMetadata(tinyGpt2, { list: [1, 2] }));
        return patched(base.indexOf('list') + 4 + 4 + 4, u64(2n ** 60n), base);
      })(),
      /the length of metadata list is 1152921504606846976/,
    ],
    [
      'arrays nested without end',
      ggufBytes(withMetadata(tinyGpt2, { list: [[[[[[1]]]]]] })),
      /nests arrays more than 4 deep/,
    ],
    ['an alignment of 3', ggufBytes(withMetadata(tinyGpt2, { 'general.alignment': 3 })), /general\.alignment is 3/],
    [
      'an alignment that is a text',
      ggufBytes(withMetadata(tinyGpt2, { 'general.alignment': 'x' })),
      /general\.alignment is x/,
    ],
    ['no dimensions', one({ dimensions: [] }), /token_embd\.weight has 0 dimensions/],
    ['five dimensions', one({ dimensions: [1, 1, 1, 4, 5] }), /has 5 dimensions/],
    ['a dimension of 0', one({ dimensions: [0, 5] }), /impossible size or offset 0/],
    [
      'a dimension of 2^63',
      patched(afterName('token_embd.weight') + 4, u64(2n ** 63n)),
      /impossible size or offset 9223372036854775808/,
    ],
    ['dimensions whose product is beyond all numbers', one({ dimensions: [2 ** 52, 2 ** 52] }), /impossible shape/],
    [
      'a tensor larger than the file',
      one({ dimensions: [2 ** 40] }),
      /token_embd\.weight ends at byte \d+, but the file has \d+/,
    ],
    [
      'an unknown storage type',
      one({ type: 10 }),
      /stored in type 10, which is not supported\. Supported are F32, F16/,
    ],
    ['rows that are no whole blocks', one({ type: 8 }), /rows of 4, no multiple of Q8_0's 32/],
    [
      'an offset that is not aligned',
      patched(afterName('position_embd.weight') + 4 + 16 + 4, u64(4)),
      /position_embd\.weight is not aligned to 32/,
    ],
    [
      'overlapping tensors',
      patched(afterName('position_embd.weight') + 4 + 16 + 4, u64(64)),
      /position_embd\.weight overlaps/,
    ],
    [
      'two tensors of one name',
      ggufBytes({ ...tinyGpt2, tensors: [counting('a', [4]), counting('a', [4])] }),
      /two tensors share a name/,
    ],
  ];
  for (const [what, bytes, message] of damages) {
    it(`${what}: file, place and remedy`, async () => {
      const path = folder.write('damaged.gguf', bytes);
      await assert.rejects(openGguf(path), (error: unknown) => {
        assert.ok(error instanceof RankscopeError, String(error));
        assert.equal(error.code, 'model');
        assert.match(error.message, message);
        assert.ok(error.details.where?.startsWith(path));
        assert.ok(error.details.remedy);
        return true;
      });
    });
  }

  it('every truncation is refused', async () => {
    for (const base of [whole, ggufBytes(tinyLlama).subarray(0, 1600)]) {
      for (let length = 0; length < base.length; length++) {
        const path = folder.write('cut.gguf', base.subarray(0, length));
        await assert.rejects(openGguf(path), { name: 'RankscopeError', code: 'model' }, `cut to ${length}`);
      }
    }
  });

  it('a file that shrinks after it was opened is noticed when it is read', async () => {
    const path = folder.write('shrinks.gguf', whole);
    const { tensors } = await openGguf(path);
    folder.write('shrinks.gguf', whole.subarray(0, whole.length - 1));
    await assert.rejects(tensors.readInto('lm_head.weight', new Float32Array(20)), {
      code: 'model',
      message: /ends at byte \d+, inside tensor lm_head/,
    });
    await tensors.close();
  });

  it('600 random changes: it opens and reads, or refuses in our own words', async () => {
    const random = seeded(9);
    const bases = [whole, ggufBytes(tinyLlama)];
    for (let round = 0; round < 600; round++) {
      const bytes = Buffer.from(bases[round % 2]!);
      const header = random(3) > 0 ? 1500 : bytes.length;
      for (let i = 0; i <= random(6); i++) bytes[random(Math.min(header, bytes.length))] = random(256);
      await openAndReadAll(folder.write('fuzzed.gguf', bytes));
    }
  });
});

describe('a header longer than the first read', () => {
  const folder = temporaryFolder();

  it('is read again whole', async () => {
    const file = await openWeightFile(folder.write('long.gguf', ggufBytes(tinyLlama)));
    const expected = await readGgufHeader(file);
    for (const first of [1, 7, 100, 1000]) assert.deepEqual(await readGgufHeader(file, first), expected);
    await file.close();
  });
});

/** A RankscopeError is an answer; anything else thrown is a fault. */
async function openAndReadAll(path: string): Promise<void> {
  try {
    const { tensors } = await openGguf(path);
    try {
      for (const { name, shape } of tensors.tensors.values()) {
        await tensors.readInto(name, new Float32Array(shape.reduce((a, b) => a * b, 1)));
      }
    } finally {
      await tensors.close();
    }
  } catch (error) {
    if (!(error instanceof RankscopeError)) throw error;
  }
}
