import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { createRandom } from '../../random/random.ts';
import { createSession, type HostTensor, type Session } from '../onnx/runtime.ts';
import { lstmTrunk, type LstmTrunk } from './lstmGraph.ts';
import { shortenedLstm, shortInputs, shortOutputs } from './shortenedLstm.ts';

type Rows = readonly (readonly number[])[];

/** A classifier that does not run over the padding which all of its rows begin with. */
export interface ShortClassifier {
  /** Whether a batch may be given: at least one position of padding before every row. */
  takes(ids: Rows): boolean;
  /** The model's first output, [N, labels]. */
  run(ids: Rows): Promise<HostTensor>;
  release(): Promise<void>;
}

/** Scores may differ from the model's own by this much, which is what float32 rounding makes of them. */
const tolerance = 1e-6;
/** Steps over the padding that are tried; what is behind them is taken from the limit. */
const stepsTried = [16, 24, 32, 48, 64, Infinity];
/** Steps after which the backward direction has come to rest, if ever. */
const longRun = 400;
/** States that differ by less than this are one limit. */
const oneLimit = 1e-5;
const probes = 64;

/**
 * A model over recurrent units that runs over its texts alone instead of over all the padding before them; undefined
 * for one of another make. Padding at the front cannot simply be cut off such a model, for its states there differ from
 * zero and take part in the maximum over time. Forward, the states over the padding are the same for every text: they
 * are computed once. Backward, the state forgets the text within some steps and tends to a limit: as many steps are
 * taken as are needed for the scores of 64 random texts to equal those of `whole`, the model itself, to 1e-6, and as
 * many again; the limit stands for the rest. A model that cannot be had to this is left as it is.
 */
export async function openShortClassifier(
  bytes: Uint8Array,
  pad: number,
  whole: (ids: Rows) => Promise<Float32Array>,
  { threads }: { readonly threads: number },
): Promise<ShortClassifier | undefined> {
  const model = fromBinary(ModelProtoSchema, bytes);
  const trunk = model.graph && lstmTrunk(model.graph);
  const output = model.graph?.output[0]?.name;
  if (trunk === undefined || output === undefined || pad >= trunk.embedding.rows) return undefined;
  const session = await createSession(shortenedLstm(model, trunk, pad), { threads });
  const program = new ShortProgram(session, trunk, pad, output);
  try {
    if (await program.prepare(whole)) return program;
  } catch (error) {
    await session.release();
    throw error;
  }
  await session.release();
  return undefined;
}

class ShortProgram implements ShortClassifier {
  private readonly session: Session;
  private readonly trunk: LstmTrunk;
  private readonly pad: number;
  private readonly output: string;
  /** Forward states and largest values behind k positions of padding, by k. */
  private readonly forward: { readonly h: Float32Array; readonly c: Float32Array; readonly largest: Float32Array }[];
  private limit: Float32Array | undefined;
  private steps = Infinity;

  constructor(session: Session, trunk: LstmTrunk, pad: number, output: string) {
    this.session = session;
    this.trunk = trunk;
    this.pad = pad;
    this.output = output;
    const zeros = (): Float32Array => new Float32Array(trunk.hidden);
    this.forward = [{ h: zeros(), c: zeros(), largest: zeros().fill(-1) }];
  }

  takes(ids: Rows): boolean {
    return this.width(ids) < this.trunk.length;
  }

  async run(ids: Rows): Promise<HostTensor> {
    return this.one(this.output, ids, this.width(ids));
  }

  release(): Promise<void> {
    return this.session.release();
  }

  /** Runs over the padding once, and finds how few steps suffice; false where even all of them give other scores. */
  async prepare(whole: (ids: Rows) => Promise<Float32Array>): Promise<boolean> {
    for (let k = 1; k < this.trunk.length; k++) await this.nextForward();
    const rows = this.randomRows();
    const expected = await whole(rows);
    this.limit = await this.findLimit(rows);
    for (const steps of this.limit === undefined ? [Infinity] : stepsTried) {
      this.steps = steps;
      const { data } = await this.run(rows);
      if (!(data instanceof Float32Array) || !close(data, expected)) continue;
      // Random texts need not be the worst ones.
      this.steps = 2 * steps;
      return true;
    }
    return false;
  }

  private async nextForward(): Promise<void> {
    const before = this.forward.at(-1);
    const { h, c } = shortOutputs;
    const results = await this.results([h, c], [[this.pad]], 1, this.forward.length - 1, 1);
    const state = results.map(({ data }) => data as Float32Array);
    const [nextH, nextC] = [state[0] ?? new Float32Array(), state[1] ?? new Float32Array()];
    this.forward.push({ h: nextH, c: nextC, largest: nextH.map((x, i) => Math.max(x, before?.largest[i] ?? -1)) });
  }

  /** Where the backward direction comes to rest over the padding, whatever the text; undefined where it does not. */
  private async findLimit(rows: Rows): Promise<Float32Array | undefined> {
    const width = this.width(rows);
    const [end] = await this.results([shortOutputs.end], rows, width, this.trunk.length - width, longRun);
    const { hidden } = this.trunk;
    const states = end?.data as Float32Array;
    const limit = states.slice(0, hidden);
    return states.every((value, i) => Math.abs(value - (limit[i % hidden] ?? NaN)) < oneLimit) ? limit : undefined;
  }

  /** Random texts of 1 to half the length, the same at every opening. */
  private randomRows(): Rows {
    const { length, embedding } = this.trunk;
    const random = createRandom(1);
    return Array.from({ length: probes }, (_, i) => {
      const known = 1 + Math.floor((i * length) / (2 * probes));
      return Array.from({ length }, (__, j) => (j < length - known ? this.pad : random.below(embedding.rows)));
    });
  }

  private width(ids: Rows): number {
    const known = ids.map((row) => {
      const first = row.findIndex((id) => id !== this.pad);
      return first < 0 ? 1 : row.length - first;
    });
    return Math.max(1, ...known);
  }

  private async one(output: string, ids: Rows, width: number): Promise<HostTensor> {
    const left = this.trunk.length - width;
    const [result] = await this.results([output], ids, width, left, Math.min(left, this.steps));
    return result ?? { data: new Float32Array(), dims: [] };
  }

  /** Runs over the last `width` ids of each row, as behind `left` positions of padding, with `steps` back over it. */
  private async results(outputs: readonly string[], ids: Rows, width: number, left: number, steps: number) {
    const { hidden } = this.trunk;
    const rows = ids.length;
    const data = new BigInt64Array(rows * width);
    ids.forEach((row, i) => {
      for (let j = 0; j < width; j++) data[i * width + j] = BigInt(row[row.length - width + j] ?? this.pad);
    });
    const { h, c, largest } = this.forward[left] ?? this.forward[0] ?? { h: [], c: [], largest: new Float32Array() };
    const repeated = (state: ArrayLike<number>): HostTensor => {
      const all = new Float32Array(rows * hidden);
      for (let i = 0; i < rows; i++) all.set(state, i * hidden);
      return { data: all, dims: [1, rows, hidden] };
    };
    const limit = steps < left && this.limit !== undefined ? this.limit : new Float32Array(hidden).fill(-1);
    const given = await this.session.run(
      new Map<string, HostTensor>([
        [this.trunk.ids, { data, dims: [rows, width] }],
        [shortInputs.h, repeated(h)],
        [shortInputs.c, repeated(c)],
        [shortInputs.largest, { data: largest, dims: [1, 1, hidden] }],
        [shortInputs.limit, { data: limit, dims: [1, 1, hidden] }],
        [shortInputs.pads, { data: new Float32Array(steps * rows), dims: [steps, rows, 1] }],
      ]),
      new Map(outputs.map((name) => [name, undefined])),
    );
    return outputs.flatMap((name) => given.get(name) ?? []);
  }
}

function close(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] ?? NaN)) <= tolerance);
}
