/** Runs one sweep, from its file or from its folder, to its metrics. */
import { basename, resolve } from 'node:path';
import { experimentOf } from '../../experiments/experiments.ts';
import { resolveParsed, resolveSweep, type ResolvedSweep } from '../../experiments/resolveSweep.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ArmDescription, RunEvent, RunMetrics } from '../../protocol/run/run.ts';
import type { DeviceSetting } from '../../protocol/devices/deviceChoice.ts';
import { judgeRun } from '../../report/judgeRun.ts';
import { declarationHash } from '../../runs/declaration.ts';
import type { RunRecord } from '../../runs/runRecord.ts';
import { assertVacant, RunStore } from '../../runs/runStore.ts';
import { assertSameHashes, hashesOfRole, modelHashes, type Hashes } from '../../runs/recordedHashes.ts';
import { rankscopeVersion } from '../../protocol/version.ts';
import { dataHashes } from './dataHashes.ts';
import { assertRoom, runBytes } from './diskNeeded.ts';
import type { EngineHost } from '../host/engineHost.ts';
import { openJudgeModels } from '../judges/judgeModels.ts';
import { loadingEvents } from './loadingEvents.ts';
import type { SweepControl } from './sweepControl.ts';
import { isEncoder, openQuestion, readQuestion, type OpenQuestion } from './sweepQuestion.ts';

export interface RunningSweep {
  readonly host: EngineHost;
  readonly control: SweepControl;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborted when the run is cancelled in any way. */
  readonly signal: AbortSignal;
  /** The device for a new run whose file leaves it open. */
  readonly device?: DeviceSetting | undefined;
}

/** Runs a sweep file into the new folder `run`. Faults in its files are found before a model is opened. */
export async function startSweep(file: string, run: string, running: RunningSweep): Promise<RunMetrics> {
  const resolved = await onDevice(await resolveSweep(file), running);
  await assertVacant(resolve(run));
  return withMaterial(resolved, running, async (material) => {
    const record = await newRecord(basename(resolve(run)), resolved, material, running.host);
    await assertRoom(resolve(run), runBytes(record.arms, resolved.sweep));
    const store = await RunStore.create(run, record, { onEvent: running.onEvent });
    return kept(store, running.signal, () => runStored(store, resolved, material, running));
  });
}

/**
 * Applies the device of the settings where the file leaves it open. Encoders train on the CPU: they use it where
 * the device is open, and refuse any other device that a file names.
 */
async function onDevice(
  resolved: ResolvedSweep,
  { device = 'auto', host, signal }: RunningSweep,
): Promise<ResolvedSweep> {
  const { sweep } = resolved;
  if (device === 'auto' || sweep.device !== 'auto') return resolved;
  if (experimentOf(sweep).takesEncoders && (await isEncoder(sweep.model, host, signal))) return resolved;
  return { ...resolved, sweep: { ...sweep, device } };
}

/** Resumes the run in the folder `run`. Throws RankscopeError('run') where model, data or judge have changed. */
export async function resumeSweep(run: string, running: RunningSweep): Promise<RunMetrics> {
  const store = await RunStore.resume(run, { onEvent: running.onEvent });
  return kept(store, running.signal, async () => {
    const resolved = resolveParsed(store.record.sweep, store.folder.sweep);
    assertArms(store.record, resolved);
    return withMaterial(resolved, running, async (material) => {
      assertUnchanged(store.record, material.hashes);
      return runStored(store, resolved, material, running);
    });
  });
}

/** What a sweep works on, opened. */
interface Material {
  readonly opened: OpenQuestion;
  readonly hashes: Hashes;
  /** Name of the judge, of an experiment that asks one. */
  readonly judge?: string;
}

/** Key of the declaration's hash in the record. A run whose declaration was changed may go on; its verdict then says so. */
const declared = 'verdict';

async function withMaterial<T>(
  { sweep }: ResolvedSweep,
  { host, signal, onEvent }: RunningSweep,
  use: (material: Material) => Promise<T>,
): Promise<T> {
  const { device, threads } = sweep;
  const judging = openJudgeModels(host, { device, threads });
  try {
    const asked = await readQuestion(sweep, judging.models);
    const files = await dataHashes(sweep);
    const opened = await openQuestion(
      asked,
      host,
      signal,
      loadingEvents((event) => onEvent({ time: Date.now(), ...event })),
    );
    try {
      const hashes = { ...modelHashes('model', opened), ...files, ...judging.fileHashes() };
      const { judge } = asked;
      if (!judge) return await use({ opened, hashes });
      return await use({ opened, hashes: { ...hashes, judge: judge.hash }, judge: judge.name });
    } finally {
      await opened.dispose();
    }
  } finally {
    await judging.dispose();
  }
}

async function newRecord(
  id: string,
  { arms: plans, cuts }: ResolvedSweep,
  { opened, hashes }: Material,
  host: EngineHost,
): Promise<RunRecord> {
  const { sweep } = opened;
  const sizes = await opened.trainableParameters(plans);
  const arms = plans.map((plan, i): ArmDescription => {
    const { method, seed } = plan;
    const rate = plan.learningRate === undefined ? {} : { learningRate: plan.learningRate };
    const lora = plan.method === 'lora' ? { rank: plan.rank, alpha: plan.alpha } : {};
    const share = plan.minority === undefined ? {} : { minority: plan.minority };
    return { id: plan.id, method, ...lora, seed, ...rate, trainableParameters: sizes[i] ?? 0, ...share };
  });
  const cutArms = cuts.map(({ id: arm, from, rank, seed }): ArmDescription => {
    const parent = arms.find((own) => own.id === from);
    // The size of an adapter is proportional to its rank.
    const share = rank / (parent?.rank ?? rank);
    const trainableParameters = Math.round((parent?.trainableParameters ?? 0) * share);
    return { id: arm, method: 'cut', rank, alpha: rank, seed, trainableParameters, cutFrom: from };
  });
  return {
    version: 1,
    id,
    created: new Date().toISOString(),
    sweep,
    arms: [{ id: 'base', method: 'base', seed: 0, trainableParameters: 0 }, ...arms, ...cutArms],
    hashes: { ...hashes, [declared]: declarationHash(sweep.verdict) },
    versions: { rankscope: rankscopeVersion, onnxruntime: host.runtimeVersion, node: process.version },
    device: opened.device,
    ...(opened.deviceChoice && { deviceChoice: opened.deviceChoice }),
    ...(opened.precision && { precision: opened.precision }),
    platform: `${process.platform} ${process.arch}`,
  };
}

async function runStored(
  store: RunStore,
  { arms: plans, cuts }: ResolvedSweep,
  { opened, judge }: Material,
  { control, signal }: RunningSweep,
): Promise<RunMetrics> {
  const { arms: descriptions, id: run } = store.record;
  const resumed = await store.latestCheckpoint();
  store.append({ type: 'started', run, arms: descriptions, ...(resumed && { resumedAtStep: resumed.step }) });
  control.announce(plans.map(({ id }) => id));
  const measured = await opened.run({ plans, cuts, store, control, signal });
  const { sweep } = store.record;
  const verdict = await judgeRun({
    folder: store.folder,
    sweep,
    metrics: measured,
    ...(judge !== undefined && { judge }),
  });
  const metrics = { ...measured, ...(verdict && { verdict }) };
  await store.finish(metrics);
  return metrics;
}

/** Records in the run's folder why a run ended early, before the error is passed on. */
async function kept(store: RunStore, signal: AbortSignal, run: () => Promise<RunMetrics>): Promise<RunMetrics> {
  try {
    return await run();
  } catch (error) {
    const isCancelled = signal.aborted && !(error instanceof RankscopeError && error.code === 'disk');
    const told = isCancelled ? cancelled(error) : error;
    await store.abandon(told);
    throw told;
  }
}

/** Aborted work fails in many ways. Each of them becomes a cancelled run. */
function cancelled(cause: unknown): RankscopeError {
  return new RankscopeError(
    { code: 'cancelled', what: 'the run was cancelled', remedy: 'It can be resumed.' },
    { cause },
  );
}

/** Throws where the arms of a record differ from those of its sweep: it was edited, or another version wrote it. */
function assertArms({ arms }: RunRecord, { arms: plans, cuts }: ResolvedSweep): void {
  const [recorded, asked] = [arms.map(({ id }) => id), ['base', ...[...plans, ...cuts].map(({ id }) => id)]];
  if (recorded.join() === asked.join()) return;
  throw new RankscopeError({
    code: 'run',
    what: `run.json names the arms ${recorded.join(', ')}, and its sweep asks for ${asked.join(', ')}`,
    remedy: 'Start the sweep anew.',
  });
}

/**
 * Whatever the run works on must have been hashed when it began, and be the same now: what a record leaves out could be
 * anything. The generator is opened later, if at all, and compared then.
 */
function assertUnchanged({ hashes: recorded }: RunRecord, now: Hashes): void {
  const later = new Set([declared, ...Object.keys(hashesOfRole('generator', recorded))]);
  assertSameHashes(Object.fromEntries(Object.entries(recorded).filter(([name]) => !later.has(name))), now);
}
