/** Opens a base model with weights of few bits only where they hardly change it. It measures the divergence first. */
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
 * The default limit of the mean KL, nats a token. In measurements, fine-tuning of SmolLM2-135M moves it by 0.006
 * nats at rank 2, 0.065 at rank 8 and 1.46 at rank 64 (docs/results.md). A base that rounding moves as far as rank
 * 8 does would be an arm of its own. int8 moves that model by 0.002 nats, and 4 bits on a grid that does not fit
 * its weights by 0.5.
 */
const USUAL_LIMIT = 0.05;

/** Number of prompts that are compared, and number of positions of each, counted from its end. */
const PROMPTS = 16;
const POSITIONS = 16;

export interface CheckedModel {
  readonly model: OpenModel;
  /** Absent where no weights were rounded to few bits. */
  readonly precision?: Precision;
}

/**
 * Opens a model as requested. For `weights` of few bits, the model is first opened with its original weights, which
 * are mapped and not held in memory, to compute its distributions after some prompts. It is closed before the model
 * with rounded weights is opened and compared with it. Throws RankscopeError('model') where the mean KL exceeds
 * `limit`.
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

/** float16 takes half as much disk, and is used where the checkpoint has no higher precision. */
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
  // The weights are mapped and the system can drop their pages, so that they need not fit into memory.
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
    // An infinite divergence, or a row that is no distribution, counts as the largest distance.
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
