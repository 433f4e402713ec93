import { decodeBfloat16, decodeFloat16, float16Table } from './halfPrecision.ts';

/**
 * Widens `blocks` blocks that start at byte `start` of `bytes` into `out` from index `at`. The arithmetic rounds where
 * ggml's does, so that values equal those of its Python reference (gguf.quants) to the bit.
 */
type Dequantize = (bytes: Uint8Array, start: number, blocks: number, out: Float32Array, at: number) => void;

export interface GgufType {
  readonly name: string;
  readonly blockElements: number;
  readonly blockBytes: number;
  readonly dequantize: Dequantize;
}

const half = float16Table();

/** The binary16 at `at`, widened. */
function f16(bytes: Uint8Array, at: number): number {
  return half[byte(bytes, at) | (byte(bytes, at + 1) << 8)] ?? NaN;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function signedByte(bytes: Uint8Array, at: number): number {
  return (byte(bytes, at) << 24) >> 24;
}

function words(bytes: Uint8Array, start: number, count: number): Uint16Array {
  // Copied, as a view needs an even offset.
  const copy = bytes.slice(start, start + 2 * count);
  return new Uint16Array(copy.buffer, 0, count);
}

const F32: Dequantize = (bytes, start, blocks, out, at) => {
  new Uint8Array(out.buffer, out.byteOffset + 4 * at, 4 * blocks).set(bytes.subarray(start, start + 4 * blocks));
};

const F16: Dequantize = (bytes, start, blocks, out, at) => decodeFloat16(words(bytes, start, blocks), out, at);

const BF16: Dequantize = (bytes, start, blocks, out, at) => decodeBfloat16(words(bytes, start, blocks), out, at);

/** 32 values d * (q - 8): f16 d, then 16 bytes with q of value i below and of value i + 16 above. */
const Q4_0: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 18, o += 32) {
    const d = f16(bytes, p);
    for (let i = 0; i < 16; i++) {
      const q = byte(bytes, p + 2 + i);
      out[o + i] = d * ((q & 15) - 8);
      out[o + 16 + i] = d * ((q >> 4) - 8);
    }
  }
};

/** 32 values d * q + m: f16 d, f16 m, then the nibbles as in Q4_0. */
const Q4_1: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 20, o += 32) {
    const d = f16(bytes, p);
    const m = f16(bytes, p + 2);
    for (let i = 0; i < 16; i++) {
      const q = byte(bytes, p + 4 + i);
      out[o + i] = d * (q & 15) + m;
      out[o + 16 + i] = d * (q >> 4) + m;
    }
  }
};

/** 32 values d * (q - 16): f16 d, 32 fifth bits, then the nibbles as in Q4_0. */
const Q5_0: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 22, o += 32) {
    const d = f16(bytes, p);
    for (let i = 0; i < 16; i++) {
      const q = byte(bytes, p + 6 + i);
      out[o + i] = d * ((q & 15) + fifthBit(bytes, p + 2, i) - 16);
      out[o + 16 + i] = d * ((q >> 4) + fifthBit(bytes, p + 2, i + 16) - 16);
    }
  }
};

/** 32 values d * q + m: f16 d, f16 m, 32 fifth bits, then the nibbles as in Q4_0. */
const Q5_1: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 24, o += 32) {
    const d = f16(bytes, p);
    const m = f16(bytes, p + 2);
    for (let i = 0; i < 16; i++) {
      const q = byte(bytes, p + 8 + i);
      out[o + i] = d * ((q & 15) + fifthBit(bytes, p + 4, i)) + m;
      out[o + 16 + i] = d * ((q >> 4) + fifthBit(bytes, p + 4, i + 16)) + m;
    }
  }
};

/** 16 when bit `i` of the 32 at `start` is set. */
function fifthBit(bytes: Uint8Array, start: number, i: number): number {
  return ((byte(bytes, start + (i >> 3)) >> (i & 7)) & 1) << 4;
}

/** 32 values d * q: f16 d, then signed bytes. */
const Q8_0: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 34, o += 32) {
    const d = f16(bytes, p);
    for (let i = 0; i < 32; i++) out[o + i] = d * signedByte(bytes, p + 2 + i);
  }
};

/**
 * The 6-bit scale (`which` 0) or minimum (`which` 1) of sub-block `j` of 8, out of the 12 bytes at `start` that Q4_K
 * and Q5_K pack them in: the first four whole, the last four with their upper two bits in the first bytes' upper bits.
 */
function sixBits(bytes: Uint8Array, start: number, j: number, which: 0 | 1): number {
  if (j < 4) return byte(bytes, start + 4 * which + j) & 63;
  const low = (byte(bytes, start + 4 + j) >> (4 * which)) & 15;
  return low | ((byte(bytes, start + 4 * which + j - 4) >> 2) & 48);
}

/** 256 values in 8 sub-blocks of 32, d * scale * q - dmin * minimum: f16 d, f16 dmin, 12 bytes of scales, nibbles. */
const Q4_K: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 144) {
    for (let j = 0; j < 8; j++, o += 32) {
      const scale = f16(bytes, p) * sixBits(bytes, p + 4, j, 0);
      const minimum = f16(bytes, p + 2) * sixBits(bytes, p + 4, j, 1);
      const nibbles = p + 16 + 32 * (j >> 1);
      const shift = 4 * (j & 1);
      for (let i = 0; i < 32; i++) out[o + i] = scale * ((byte(bytes, nibbles + i) >> shift) & 15) - minimum;
    }
  }
};

/** Q4_K with a fifth bit: bit j of the byte i of 32 belongs to value i of sub-block j. */
const Q5_K: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 176) {
    for (let j = 0; j < 8; j++, o += 32) {
      const scale = f16(bytes, p) * sixBits(bytes, p + 4, j, 0);
      const minimum = f16(bytes, p + 2) * sixBits(bytes, p + 4, j, 1);
      const nibbles = p + 48 + 32 * (j >> 1);
      const shift = 4 * (j & 1);
      for (let i = 0; i < 32; i++) {
        const q = ((byte(bytes, nibbles + i) >> shift) & 15) | (((byte(bytes, p + 16 + i) >> j) & 1) << 4);
        out[o + i] = scale * q - minimum;
      }
    }
  }
};

/**
 * 256 values d * scale * (q - 32) in 16 sub-blocks of 16: 128 bytes of lower nibbles, 64 of upper bit pairs, 16 signed
 * scales, f16 d. Each half of 128 values takes 64 nibble bytes (values 0-63 below, 64-127 above) and 32 pair bytes.
 */
const Q6_K: Dequantize = (bytes, start, blocks, out, at) => {
  for (let b = 0, p = start, o = at; b < blocks; b++, p += 210, o += 256) {
    const d = f16(bytes, p + 208);
    for (let i = 0; i < 256; i++) {
      const within = i & 127;
      const low = byte(bytes, p + 64 * (i >> 7) + (within & 63)) >> (4 * (within >> 6));
      const high = byte(bytes, p + 128 + 32 * (i >> 7) + (i & 31)) >> (2 * (within >> 5));
      const scale = signedByte(bytes, p + 192 + (i >> 4));
      out[o + i] = d * scale * (((low & 15) | ((high & 3) << 4)) - 32);
    }
  }
};

/** The supported storage types by their number in the file (ggml_type). */
export const GGUF_TYPES: ReadonlyMap<number, GgufType> = new Map([
  [0, { name: 'F32', blockElements: 1, blockBytes: 4, dequantize: F32 }],
  [1, { name: 'F16', blockElements: 1, blockBytes: 2, dequantize: F16 }],
  [2, { name: 'Q4_0', blockElements: 32, blockBytes: 18, dequantize: Q4_0 }],
  [3, { name: 'Q4_1', blockElements: 32, blockBytes: 20, dequantize: Q4_1 }],
  [6, { name: 'Q5_0', blockElements: 32, blockBytes: 22, dequantize: Q5_0 }],
  [7, { name: 'Q5_1', blockElements: 32, blockBytes: 24, dequantize: Q5_1 }],
  [8, { name: 'Q8_0', blockElements: 32, blockBytes: 34, dequantize: Q8_0 }],
  [12, { name: 'Q4_K', blockElements: 256, blockBytes: 144, dequantize: Q4_K }],
  [13, { name: 'Q5_K', blockElements: 256, blockBytes: 176, dequantize: Q5_K }],
  [14, { name: 'Q6_K', blockElements: 256, blockBytes: 210, dequantize: Q6_K }],
  [30, { name: 'BF16', blockElements: 1, blockBytes: 2, dequantize: BF16 }],
]);
