import { readFile } from 'node:fs/promises';
import { internal, RankscopeError } from '../../protocol/errors.ts';
import { createSession, type HostTensor, type Session } from '../onnx/runtime.ts';
import { hashFiles } from '../weights/hashFiles.ts';
import { openShortClassifier, type ShortClassifier } from './shortClassifier.ts';

type Rows = readonly (readonly number[])[];

/** A text classifier that is given rows of token ids. */
export interface OnnxClassifier {
  /** SHA-256 of the model's file, hex. */
  readonly hash: string;
  /** One row of outputs for each row of ids, in order; the rows of one call have one length. */
  run(ids: Rows): Promise<readonly Float32Array[]>;
  release(): Promise<void>;
}

export interface OnnxClassifierOptions {
  readonly threads: number;
  /** The id that texts are padded with at their front, where they are. */
  readonly frontPadding?: number | undefined;
}

/**
 * Opens an ONNX model with one input, int64 [N, length], and a first output, float32 [N, labels]. One that pads at the
 * front and can do without is run without (shortClassifier.ts). Throws `model` for a file of another kind and what ONNX
 * Runtime says of one it refuses.
 */
export async function openOnnxClassifier(path: string, options: OnnxClassifierOptions): Promise<OnnxClassifier> {
  const hash = await hashFiles([path]);
  const session = await createSession(path, options);
  try {
    const { input, output } = onlyNames(session, path);
    const whole = (ids: Rows): Promise<HostTensor> => outputOf(session, input, output, ids);
    const short = await openShort(path, whole, options);
    const scores = (ids: Rows): Promise<HostTensor> => (short?.takes(ids) ? short.run(ids) : whole(ids));
    return {
      hash,
      run: async (ids) => (ids.length === 0 ? [] : rowsOf(await scores(ids), ids.length)),
      release: async () => {
        await short?.release();
        await session.release();
      },
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function openShort(
  path: string,
  whole: (ids: Rows) => Promise<HostTensor>,
  { threads, frontPadding }: OnnxClassifierOptions,
): Promise<ShortClassifier | undefined> {
  if (frontPadding === undefined) return undefined;
  const scores = async (ids: Rows): Promise<Float32Array> => {
    const { data } = await whole(ids);
    return data instanceof Float32Array ? data : new Float32Array();
  };
  return openShortClassifier(await readFile(path), frontPadding, scores, { threads });
}

function onlyNames({ inputNames, outputNames }: Session, where: string) {
  const [input, another] = inputNames;
  const [output] = outputNames;
  if (input !== undefined && another === undefined && output !== undefined) return { input, output };
  const what = `The model has the inputs ${inputNames.join(', ')}; a text classifier has one, its token ids.`;
  throw new RankscopeError({ code: 'model', what, where, remedy: 'Give a model of ids to scores.' });
}

async function outputOf(session: Session, input: string, output: string, ids: Rows): Promise<HostTensor> {
  const length = ids[0]?.length ?? 0;
  if (ids.some((row) => row.length !== length)) throw internal('Rows of ids in one run have one length.');
  const data = new BigInt64Array(ids.length * length);
  ids.forEach((row, i) => row.forEach((id, j) => (data[i * length + j] = BigInt(id))));
  const given = await session.run(
    new Map([[input, { data, dims: [ids.length, length] }]]),
    new Map([[output, undefined]]),
  );
  const found = given.get(output);
  if (found === undefined) throw internal(`The classifier gave no "${output}".`);
  return found;
}

/** The rows of [N, labels]; copies, since the runtime's memory is its own. */
function rowsOf({ data, dims }: HostTensor, count: number): readonly Float32Array[] {
  const [rows, width] = dims;
  if (!(data instanceof Float32Array) || dims.length !== 2 || rows !== count || width === undefined) {
    const what = `The classifier's output has the shape [${dims.join(', ')}] for ${count} texts.`;
    throw new RankscopeError({ code: 'model', what, remedy: 'Give a model whose output is float32 [texts, labels].' });
  }
  return Array.from({ length: count }, (_, i) => data.slice(i * width, (i + 1) * width));
}
