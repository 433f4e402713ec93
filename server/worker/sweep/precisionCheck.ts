/** Opens a base model with weights of few bits only where they leave it what it is: the divergence is measured first. */
import { isMeasured } from '../../protocol/run/estimate.ts';
import { kl } from '../../metrics/distribution/kl.ts';
import type { TextPlace } from '../../experiments/ports/distributionPort.ts';
import { bestToken } from '../../engine/generate/sampleToken.ts';
import { isBlocked, type BlockedStorage } from '../../engine/models/weightLayout.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Precision } from '../../protocol/sweep/precision.ts';
import { evenly } from '../../measures/charts/evenly.ts';
import type { EngineHost, OpenModel, OpenOptions } from '../host/engineHost.ts';

/**
 * Mean KL that is allowed unless a sweep says otherwise, nats a token. Fine-tuning of SmolLM2-135M was measured to move it by
 * 0.006 nats at rank 2, 0.065 at rank 8 and 1.46 at rank 64 (docs/results.md): a base that rounding moves by as much as
 * rank 8 does is an arm of its own. int8 costs that model 0.002 nats, 4 bits on a grid that does not fit its weights 0.5.
 */
const USUAL_LIMIT = 0.05;

/** Prompts that are compared, and positions of each, from its end. */
const PROMPTS = 16;
const POSITIONS = 16;

export interface CheckedModel {
  readonly model: OpenModel;
  /** Absent where nothing was rounded to few bits. */
  readonly precision?: Precision;
}

/**
 * Opens a model as asked. With `weights` of few bits the model is first opened with its weights as they are, mapped and not
 * held, for its distributions after some prompts; it is closed again before the other is opened, whose own are compared with
 * these. Throws RankscopeError('model') where the mean KL is above `limit`.
 */
export async function openChecked(
  host: EngineHost,
  reference: string,
  options: OpenOptions,
  prompts: readonly string[],
  limit = USUAL_LIMIT,
): Promise<CheckedModel> {
  const { weights } = options;
  if (!isBlocked(weights)) return { model: await host.openModel(reference, options) };
  const compared = evenly(prompts, PROMPTS);
  const wide = await wideSetting(host, reference, options);
  const expected = await wideRows(host, reference, { ...options, weights: wide }, compared);
  const model = await host.openModel(reference, options);
  try {
    const found = await compare(model, compared, expected, options.signal);
    const precision = { weights, reference: wide, prompts: compared.length, limit, ...found };
    if (!(found.kl <= limit)) throw tooFar(reference, precision);
    return { model, precision };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/** float16, half as much on the disk, where the checkpoint holds no more. */
async function wideSetting(host: EngineHost, reference: string, { signal }: OpenOptions): Promise<'fp32' | 'fp16'> {
  const { storage } = await host.describeModel(reference, signal);
  return storage === 'F16' ? 'fp16' : 'fp32';
}

type Rows = ReadonlyMap<string, Float32Array>;
const key = ({ text, position }: TextPlace): string => `${text} ${position}`;
const isCompared = ({ position, promptTokens }: TextPlace): boolean => position >= promptTokens - POSITIONS;
const texts = (prompts: readonly string[]) => prompts.map((prompt) => ({ prompt, continuation: [] }));

async function wideRows(
  host: EngineHost,
  reference: string,
  options: OpenOptions,
  prompts: readonly string[],
): Promise<Rows> {
  // Its weights are mapped, and their pages the system's to drop: it need not fit.
  const model = await host.openModel(reference, { ...options, device: 'cpu', memoryBytes: Number.MAX_SAFE_INTEGER });
  const rows = new Map<string, Float32Array>();
  try {
    const visit = (place: TextPlace, [row]: readonly Float32Array[]): void => {
      if (row && isCompared(place)) rows.set(key(place), row.slice());
    };
    await model.positionLogProbabilities(['base'], texts(prompts), visit, options.signal);
  } finally {
    await model.dispose();
  }
  return rows;
}

type Found = Pick<Precision, 'kl' | 'klNext' | 'largest' | 'sameToken' | 'positions'>;

async function compare(
  model: OpenModel,
  prompts: readonly string[],
  expected: Rows,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const [all, next]: [number[], number[]] = [[], []];
  let same = 0;
  const visit = (place: TextPlace, [row]: readonly Float32Array[]): void => {
    const base = expected.get(key(place));
    if (!row || !base) return;
    const found = kl(base, row);
    // A divergence that is infinite, or a row that is no distribution, is as far as can be.
    const distance = isMeasured(found) ? found : Infinity;
    all.push(distance);
    if (place.position === place.promptTokens - 1) next.push(distance);
    if (bestToken(base) === bestToken(row)) same++;
  };
  await model.positionLogProbabilities(['base'], texts(prompts), visit, signal);
  if (all.length === 0) throw noPrompts();
  return {
    kl: mean(all),
    klNext: mean(next),
    largest: Math.max(...all),
    sameToken: same / all.length,
    positions: all.length,
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function tooFar(
  where: string,
  { weights, reference, kl: mean, sameToken, positions, limit }: Precision,
): RankscopeError {
  const milder: Readonly<Record<BlockedStorage, string>> = {
    int8: '"fp16" or "fp32"',
    int4: '"int8", "fp16" or "fp32"',
  };
  return new RankscopeError({
    code: 'model',
    where,
    what:
      `Kept as ${weights} the model is another one: KL(${reference} || ${weights}) is ${mean.toPrecision(2)} nats a token over ` +
      `${positions} positions of held-out prompts, ${limit} is allowed; the likeliest token is the same at ` +
      `${Math.round(100 * sameToken)} % of them.`,
    remedy: `Set "weights": ${milder[weights]}, or a larger "weightsKl" if that is what is to be studied.`,
  });
}

function noPrompts(): RankscopeError {
  return new RankscopeError({
    code: 'data',
    what: 'There is no held-out prompt to compare rounded weights on.',
    remedy: 'Hold prompts out, or set "weights": "fp16" or "fp32".',
  });
}
