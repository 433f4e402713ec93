import { internal } from '../../protocol/errors.ts';
import { BLOCK, dequantiseInt4, dequantiseInt8, quantiseInt4, quantiseInt8 } from '../weights/blockQuantisation.ts';
import { decodeFloat16, encodeFloat16 } from '../weights/halfPrecision.ts';
import { rowsOf, type Part, type Place } from './weightLayout.ts';

/** Bytes, and where in the file they go. */
export interface StoredPart {
  readonly part: Part;
  readonly bytes: Uint8Array;
}

/**
 * A parameter as its place has it kept. Undefined where it cannot be kept so: of float16 where a number is beyond 65,504, of
 * int8 and int4 where one is not finite.
 */
export function encodeParameter(place: Place, values: Float32Array): readonly StoredPart[] | undefined {
  const { storage, count } = place;
  if (storage === 'float32') return [stored(place.data, values)];
  if (storage === 'float16') {
    const bits = new Uint16Array(count);
    return encodeFloat16(values, bits) < 0 ? [stored(place.data, bits)] : undefined;
  }
  const { scales: scalePart, minima: minimumPart } = place;
  const scales = new Float32Array(count / BLOCK);
  if (storage === 'int8') {
    const codes = new Int8Array(count);
    const fits = quantiseInt8(values, codes, scales);
    return fits ? [stored(place.data, codes), stored(scalePart, scales)] : undefined;
  }
  const [packed, minima] = [new Uint8Array(count / 2), new Float32Array(count / BLOCK)];
  const fits = quantiseInt4(place.transposed ? turned(values, rowsOf(place).width) : values, packed, scales, minima);
  return fits ? [stored(place.data, packed), stored(scalePart, scales), stored(minimumPart, minima)] : undefined;
}

/** Reads a parameter back, widened; `read` fills memory from the file. */
export async function decodeParameter(
  place: Place,
  out: Float32Array,
  read: (part: Part, into: Uint8Array) => Promise<void>,
): Promise<void> {
  const { storage, count, scales: scalePart, minima: minimumPart } = place;
  const filled = async <T extends Numbers>(part: Part | undefined, into: T): Promise<T> => {
    await read(given(part), bytesOf(into));
    return into;
  };
  if (storage === 'float32') {
    await filled(place.data, out);
    return;
  }
  if (storage === 'float16') {
    decodeFloat16(await filled(place.data, new Uint16Array(count)), out);
    return;
  }
  const scales = await filled(scalePart, new Float32Array(count / BLOCK));
  if (storage === 'int8') {
    dequantiseInt8(await filled(place.data, new Int8Array(count)), scales, out);
    return;
  }
  const minima = await filled(minimumPart, new Float32Array(count / BLOCK));
  const packed = await filled(place.data, new Uint8Array(count / 2));
  const rows = place.transposed ? new Float32Array(count) : out;
  dequantiseInt4(packed, scales, minima, rows);
  if (place.transposed) out.set(turned(rows, rowsOf(place).rows));
}

/** The transpose of `rows` rows. */
function turned(values: Float32Array, rows: number): Float32Array {
  const columns = values.length / rows;
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column] ?? NaN;
  }
  return out;
}

type Numbers = Float32Array | Uint16Array | Int8Array | Uint8Array;

const bytesOf = (data: Numbers): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const stored = (part: Part | undefined, data: Numbers): StoredPart => ({ part: given(part), bytes: bytesOf(data) });

function given(part: Part | undefined): Part {
  if (!part) throw internal('A parameter in blocks lacks the place of its scales.');
  return part;
}
