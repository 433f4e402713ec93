/** Estimates time, memory and disk of a sweep by a rehearsal, in which repeated work is done once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { resolveSweep, type ResolvedSweep } from '../../experiments/resolveSweep.ts';
import type { HandlerContext } from '../../protocol/messages/channel.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { RunEvent } from '../../protocol/run/run.ts';
import type { DeviceSetting } from '../../protocol/devices/deviceChoice.ts';
import type { EstimateProgress, MeasuredEstimate } from '../../protocol/messages/worker.ts';
import type { EngineHost } from '../host/engineHost.ts';
import { availableDisk, availableMemory, diskSpeed, youngRoom } from './estimateLimits.ts';
import { EstimateMeter } from './estimateMeter.ts';
import { rehearsedClassifier } from './estimateClassifier.ts';
import { rehearsedModel, type Rehearsal } from './estimateModel.ts';
import { startSweep } from '../sweep/startSweep.ts';
import { SweepControl } from '../sweep/sweepControl.ts';

/** Memory and disk that must remain free for other programs, bytes. A sweep that takes the last byte is killed. */
const spareMemory = 256 * 2 ** 20;
const spareDisk = 256 * 2 ** 20;

/**
 * Rehearses the sweep of a file. It runs as it would, in a temporary folder. Of work that repeats (steps of
 * training, batches of completions, probes), only a sample is done and timed, and the rest is extrapolated. The
 * figures thus include everything that the experiment does. The process must be fresh, since its peak memory counts
 * as the sweep's. Throws what starting the sweep would throw, and RankscopeError('memory') where the weights alone
 * do not fit.
 */
export async function estimateSweep(
  host: EngineHost,
  { file, device }: { readonly file: string; readonly device?: DeviceSetting },
  { emit, signal }: HandlerContext<EstimateProgress>,
): Promise<MeasuredEstimate> {
  const resolved = await resolveSweep(file);
  const target = dirname(resolve(file));
  const availableMemoryBytes = await availableMemory();
  const availableDiskBytes = await availableDisk(target);
  await assertWeightsFit(host, resolved, availableMemoryBytes, signal);
  const disk = await diskSpeed(target);
  const folder = await mkdtemp(join(tmpdir(), 'rankscope-estimate-'));
  const meter = new EstimateMeter();
  const tuning = new TuningTime();
  try {
    const onEvent = (event: RunEvent): void => {
      tell(event, emit);
      tuning.hear(event, meter);
    };
    const rehearsed = rehearsedHost(host, { meter, disk });
    const control = new SweepControl();
    await startSweep(file, join(folder, 'run'), { host: rehearsed, control, onEvent, signal, device });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { seconds, diskBytes } = meter.read();
  const memoryBytes = process.resourceUsage().maxRSS * 1024 + youngRoom();
  const { lowMemory } = resolved.sweep;
  const refusal = refusalOf({ memoryBytes, availableMemoryBytes, diskBytes, availableDiskBytes, lowMemory });
  const basis = basisOf(resolved, disk.bytesPerSecond);
  const ofTuning = tuning.seconds === undefined ? {} : { tuningSeconds: tuning.seconds };
  return { seconds, ...ofTuning, memoryBytes, diskBytes, basis, availableMemoryBytes, availableDiskBytes, ...refusal };
}

/** Measures how much of a sweep's time goes into choosing learning rates. */
class TuningTime {
  /** Undefined where no learning rate is chosen. */
  seconds: number | undefined;
  #began: number | undefined;

  hear(event: RunEvent, meter: EstimateMeter): void {
    if (event.type !== 'phase') return;
    const { seconds } = meter.read();
    if (this.#began !== undefined) this.seconds = Math.max(0, seconds - this.#began);
    this.#began = event.phase === 'tuning' ? seconds : undefined;
  }
}

function tell(event: RunEvent, emit: (progress: EstimateProgress) => void): void {
  if (event.type !== 'phase') return;
  const { phase, detail } = event;
  emit({ phase, ...(detail !== undefined && { detail }) });
}

/** The host with models that compute samples only. */
function rehearsedHost(host: EngineHost, rehearsal: Rehearsal): EngineHost {
  return {
    ...host,
    openModel: async (...asked) => rehearsedModel(await host.openModel(...asked), rehearsal),
    openSequenceClassifier: async (...asked) =>
      rehearsedClassifier(await host.openSequenceClassifier(...asked), rehearsal),
  };
}

/**
 * Checks the least memory that a sweep needs: its weights in the smallest form that its settings allow, and for a
 * full arm parameters, gradient and both moments. A model that cannot be described passes, since the rehearsal
 * itself then fails with a better message.
 */
async function assertWeightsFit(
  host: EngineHost,
  { sweep, arms }: ResolvedSweep,
  available: number,
  signal: AbortSignal,
): Promise<void> {
  const description = await host.describeModel(sweep.model, signal).catch(() => undefined);
  if (description === undefined) return;
  const copies = arms.some(({ method }) => method === 'full') ? 5 : 1;
  const least = (leastBytes(sweep.weights, description.storage) + 4 * (copies - 1)) * description.parameters;
  if (least + spareMemory <= available) return;
  throw new RankscopeError({
    code: 'memory',
    what: `the sweep needs at least ${gigabytes(least)} of memory, and ${gigabytes(available)} are available`,
    where: sweep.model,
    remedy: copies > 1 ? 'Leave full fine-tuning out, or choose a smaller model.' : 'Choose a smaller model.',
  });
}

/** Bytes for each frozen weight. float16 is chosen automatically only where it rounds nothing. */
function leastBytes(weights: ResolvedSweep['sweep']['weights'], stored: string): number {
  if (weights === 'int4') return 0.75;
  if (weights === 'int8') return 1.125;
  return weights === 'fp16' || (weights === 'auto' && stored !== 'F32') ? 2 : 4;
}

function refusalOf(found: {
  readonly memoryBytes: number;
  readonly availableMemoryBytes: number;
  readonly diskBytes: number;
  readonly availableDiskBytes: number;
  readonly lowMemory: boolean;
}): { readonly refusal?: string } {
  const { memoryBytes, availableMemoryBytes, diskBytes, availableDiskBytes, lowMemory } = found;
  const memory = lack('memory', memoryBytes + spareMemory, availableMemoryBytes);
  const lacking = [
    memory,
    memory === undefined || lowMemory ? undefined : 'Set "lowMemory": true, which takes less.',
    lack('disk', diskBytes + spareDisk, availableDiskBytes),
  ].filter((text) => text !== undefined);
  return lacking.length === 0 ? {} : { refusal: lacking.join(' ') };
}

function lack(what: string, needed: number, available: number): string | undefined {
  if (needed <= available) return undefined;
  return `It needs ${gigabytes(needed)} of ${what} with what has to stay free, and ${gigabytes(available)} are available.`;
}

function basisOf({ sweep, arms }: ResolvedSweep, rate: number): string {
  const lora = arms.filter(({ method }) => method === 'lora').length;
  const full = arms.length - lora;
  const trained = [
    ...(lora > 0 ? ['adapters of the lowest and the highest rank'] : []),
    ...(full > 0 ? ['all weights'] : []),
  ];
  return (
    `Measured: three to twelve steps of training of ${trained.join(' and of ')}, and up to two batches of every kind of completion, ` +
    `on ${sweep.device === 'auto' ? 'the CPU' : sweep.device}; checkpoints at ${Math.round(rate / 1e6)} MB/s.`
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
