/** Trains the arms of a sweep: LoRA arms that share a program in lockstep, then each full arm alone. */
import path from 'node:path';
import {
  adapterBytes,
  adapterStore,
  drawAdapters,
  loraScale,
  methodOf,
  startFurther,
  type LoraArm,
} from '../../engine/adapters/loraArm.ts';
import { checkRank, targetModules } from '../../engine/adapters/loraTargets.ts';
import { dropoutMasks } from '../../engine/adapters/dropoutMasks.ts';
import { readPeftFolder } from '../../engine/adapters/peftFolder.ts';
import { assertFiniteStore, type Arm } from '../../engine/generate/armWeights.ts';
import { STEP_TOKENS } from '../../engine/models/memoryEstimate.ts';
import { parametersOf, type ModelDefinition } from '../../engine/models/modelDefinition.ts';
import type { ConvertedWeights } from '../../engine/models/convertedWeights.ts';
import type { Parameter } from '../../engine/models/modelConfig.ts';
import { Program, type MappedWeights } from '../../engine/programs/program.ts';
import type { DeviceName } from '../../engine/ops/device.ts';
import { ArmStates } from '../../engine/train/armStates.ts';
import { ArmTrainer, type ArmFeeds } from '../../engine/train/armTrainer.ts';
import { BatchPlan } from '../../engine/train/batchPlan.ts';
import { labelChunks, type LabelChunks } from '../../engine/train/chunkedLoss.ts';
import { mostLabels } from '../../engine/train/labels.ts';
import { trainInLockstep, type LockstepArm } from '../../engine/train/lockstep.ts';
import { ParameterStore } from '../../engine/optimiser/parameterStore.ts';
import { restoreStore } from '../../engine/optimiser/storeFile.ts';
import type { Example } from '../../engine/train/trainExample.ts';
import { buildTrainProgram, gradientName, type Trained } from '../../engine/train/trainProgram.ts';
import type { ArmOutcome, ArmPlan, TrainingCallbacks, TrainingOptions } from '../../experiments/ports/trainerPort.ts';
import { internal, RankscopeError, type ErrorDetails } from '../../protocol/errors.ts';
import { BrokenArm } from '../../protocol/finite.ts';
import { OutcomeLog } from './outcomeLog.ts';
import { storeName, TrainingProgress } from './trainingProgress.ts';

/** The parts of an opened model that training needs. Trained arms are added to `arms` when they start. */
export interface TrainableModel {
  readonly definition: ModelDefinition;
  readonly weights: MappedWeights & Pick<ConvertedWeights, 'readInto'>;
  /** Parameters that every LoRA arm trains in full beside its adapters, such as a classifier's head. */
  readonly saved?: readonly Parameter[];
  readonly threads: number;
  /** The device for training. The default is the CPU. */
  readonly deviceName?: DeviceName;
  readonly arms: Map<string, Arm>;
  /** Releases compiled programs, so that training can use their memory. They are compiled again when needed. */
  releasePrograms(): Promise<void>;
}

/** The largest number of bytes that a group of LoRA arms takes in training. */
export function adapterMemory(
  { definition, saved = [] }: Pick<TrainableModel, 'definition' | 'saved'>,
  plans: readonly ArmPlan[],
): number {
  const groups = groupPlans(plans).map((group) => group.flatMap((plan) => (plan.method === 'lora' ? [plan] : [])));
  return Math.max(
    0,
    ...groups.map((arms) => {
      const [first] = arms;
      if (!first) return 0;
      const targets = targetModules(definition, first.targets, saved);
      const method = methodOf({ method: first.adapter });
      return adapterBytes({ ranks: arms.map(({ rank }) => rank), targets, method }, STEP_TOKENS);
    }),
  );
}

/** Arms that one program trains. */
type Group = readonly [ArmPlan, ...ArmPlan[]];

/** The training examples: the same for all arms, or separate ones for each arm. An arm without examples is not trained. */
export type ArmExamples = readonly Example[] | ReadonlyMap<string, readonly Example[]>;

const examplesOf = (examples: ArmExamples, arm: string): readonly Example[] =>
  'get' in examples ? (examples.get(arm) ?? []) : examples;

export async function trainArms(
  model: TrainableModel,
  plans: readonly ArmPlan[],
  examples: ArmExamples,
  options: TrainingOptions,
  callbacks: TrainingCallbacks,
): Promise<readonly ArmOutcome[]> {
  const groups = groupPlans(plans);
  const resumed = options.resumeFrom === undefined ? undefined : await TrainingProgress.read(options.resumeFrom);
  const log = new OutcomeLog(resumed?.outcomes);
  const isTrained = (arm: string): boolean => examplesOf(examples, arm).length > 0;
  if (resumed) await reopenArms(model, groups, resumed, options.resumeFrom ?? '', isTrained);
  for (const [index, group] of groups.entries()) {
    if (resumed && index < resumed.group) continue;
    const done = resumed?.group === index ? resumed.step : 0;
    // The ended arms include those that a person stopped before their group began.
    await trainGroup(model, group, { index, done, skip: resumed?.ended }, examples, options, callbacks, log);
  }
  return plans.map((plan) => log.outcome(plan.id));
}

/** Restores the arms of a checkpoint. Arms that were not in training have no moments. */
async function reopenArms(
  model: TrainableModel,
  groups: readonly Group[],
  resumed: TrainingProgress,
  folder: string,
  isTrained: (arm: string) => boolean,
): Promise<void> {
  for (const [index, group] of groups.entries()) {
    for (const plan of group.filter(({ id }) => resumed.arms.includes(id))) {
      const store = await openArm(model, plan);
      if (index !== resumed.group || !isTrained(plan.id)) store.finish();
      await restoreStore(path.join(folder, storeName(plan.id)), store);
    }
  }
}

/** Arms with the same adapter method, targets and kind of dropout share a program; a full arm's program is its own. */
function groupPlans(plans: readonly ArmPlan[]): readonly Group[] {
  const groups = new Map<string, [ArmPlan, ...ArmPlan[]]>();
  for (const plan of plans) {
    const key = plan.method === 'full' ? plan.id : JSON.stringify([plan.adapter, plan.targets, plan.dropout > 0]);
    const group = groups.get(key);
    if (group) group.push(plan);
    else groups.set(key, [plan]);
  }
  return [...groups.values()].sort((a, b) => Number(a[0].method === 'full') - Number(b[0].method === 'full'));
}

/** Adds the arm to the model and returns its parameters at the start of training. */
async function openArm(model: TrainableModel, plan: ArmPlan): Promise<ParameterStore> {
  const known = model.arms.get(plan.id);
  if (known && known.kind !== 'base') return known.store;
  const arm = await (plan.method === 'full' ? fullArm(model) : loraArm(model, plan));
  model.arms.set(plan.id, arm);
  return arm.store;
}

async function fullArm({ definition, weights }: TrainableModel): Promise<Arm & { kind: 'full' }> {
  const stored = parametersOf(definition).filter((p) => !p.compute);
  const store = new ParameterStore(stored);
  for (const { name } of stored) await weights.readInto(name, store.tensor(name, 'value').data);
  return { kind: 'full', store };
}

async function loraArm(
  { definition, weights, saved = [] }: TrainableModel,
  plan: Extract<ArmPlan, { method: 'lora' }>,
): Promise<LoraArm> {
  const targets = targetModules(definition, plan.targets, saved);
  checkRank(plan.rank, targets);
  const { rank, alpha, adapter = 'lora', scaling, dropout } = plan;
  const common = { kind: 'lora', method: adapter, rank, alpha, scaling, dropout, targets, saved } as const;
  if (plan.init === undefined) {
    const method = methodOf(common);
    const store = adapterStore(rank, targets, saved, method);
    drawAdapters(store, targets, plan.seed);
    await startFurther(store, targets, method, weights);
    for (const { name } of saved) await weights.readInto(name, store.tensor(name, 'value').data);
    return { ...common, store };
  }
  const given = await readPeftFolder(plan.init, definition, weights);
  if (methodOf(given).name !== adapter || given.uneven) {
    throw new RankscopeError({
      code: 'config',
      where: plan.init,
      what: `The starting adapter of arm ${plan.id} is of ${given.uneven ? 'several ranks or alphas' : `the method "${methodOf(given).name}"`}, which an arm of the method "${adapter}" cannot be trained on.`,
      remedy: 'Start from an adapter of the same method ("arms": {"method": ...}) with one rank and one alpha.',
    });
  }
  if (given.rank !== rank || names(given.targets) !== names(targets) || names(given.saved ?? []) !== names(saved)) {
    throw new RankscopeError({
      code: 'config',
      where: plan.init,
      what: `The starting adapter of arm ${plan.id} has rank ${given.rank} or other targets than the arm.`,
      remedy: 'Give the arm the rank and target modules of its starting adapter.',
    });
  }
  return { ...common, store: given.store };
}

const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join();

/** Gives an arm that finished in an earlier round gradients and moments again, which start at zero. */
function reopenForTraining({ arms }: TrainableModel, id: string): void {
  const arm = arms.get(id);
  if (!arm || arm.kind === 'base' || arm.store.sections.length > 1) return;
  const values = arm.store.names.map((name) => ({ name, ...arm.store.tensor(name, 'value') }));
  const store = new ParameterStore(values.map(({ name, dims }) => ({ name, shape: dims })));
  for (const { name, data } of values) store.tensor(name, 'value').data.set(data);
  arms.set(id, { ...arm, store });
}

interface Position {
  readonly index: number;
  /** Number of steps that were done before. */
  readonly done: number;
  /** Arms that had ended before. */
  readonly skip: readonly string[] | undefined;
}

async function trainGroup(
  model: TrainableModel,
  group: Group,
  { index, done, skip = [] }: Position,
  examples: ArmExamples,
  options: TrainingOptions,
  callbacks: TrainingCallbacks,
  log: OutcomeLog,
): Promise<void> {
  for (const plan of group) await openArm(model, plan);
  const going = group.filter(({ id }) => !skip.includes(id) && examplesOf(examples, id).length > 0);
  if (going.length > 0) await trainGoing(model, going, { index, done, skip }, examples, options, callbacks, log);
  for (const { id } of going) failUnlessFinite(id, storeOf(model, id), callbacks, log);
  for (const { id } of group) storeOf(model, id).finish();
}

/** The last step may leave weights that are not finite, which no later loss would reveal. */
function failUnlessFinite(id: string, store: ParameterStore, callbacks: TrainingCallbacks, log: OutcomeLog): void {
  if (log.outcome(id).failure) return;
  try {
    assertFiniteStore(id, store);
  } catch (error) {
    if (!(error instanceof BrokenArm)) throw error;
    log.failed(id, error.details);
    callbacks.onArmFailed(id, error.details);
  }
}

async function trainGoing(
  model: TrainableModel,
  going: readonly ArmPlan[],
  { index, done, skip = [] }: Position,
  examples: ArmExamples,
  options: TrainingOptions,
  callbacks: TrainingCallbacks,
  log: OutcomeLog,
): Promise<void> {
  for (const { id } of going) reopenForTraining(model, id);
  const compiled = await compile(model, going, examples, options);
  const arms: LockstepArm[] = [];
  const ended = [...skip];
  const { signal } = callbacks;
  const [beta1, beta2] = options.betas;
  const { clip, weightDecay, epsilon, warmup } = options;
  try {
    for (const plan of going)
      arms.push(await lockstepArm(model, plan, compiled, examplesOf(examples, plan.id), options));
    const steps = Math.max(0, ...arms.map(({ plan }) => plan.steps));
    const warmupSteps = 'steps' in warmup ? warmup.steps : Math.ceil(warmup.ratio * steps);
    const schedule = { kind: options.schedule, warmupSteps };
    await trainInLockstep(
      arms,
      { steps, done, clip, weightDecay, beta1, beta2, epsilon, schedule },
      {
        signal,
        onStep: (arm, step, learningRate, result) => {
          log.stepped(arm, step, result);
          callbacks.onStep({ arm, step, of: steps, learningRate, ...result, memoryBytes: process.memoryUsage().rss });
        },
        onFailed: (arm, _, reason) => {
          ended.push(arm);
          log.failed(arm, reason);
          callbacks.onArmFailed(arm, reason);
        },
        onBoundary: async (step, ids) => {
          const save = (directory: string, stopped: readonly string[] = []): Promise<void> => {
            for (const id of stopped) log.stopped(id);
            return new TrainingProgress(index, step, [...ended, ...stopped], log).write(directory, model.arms);
          };
          const broken: string[] = [];
          const fail = (id: string, reason: ErrorDetails): void => {
            broken.push(id);
            ended.push(id);
            log.failed(id, reason);
          };
          const { stop } = await callbacks.onBoundary({ step, of: steps, arms: ids, save, fail });
          for (const id of stop) log.stopped(id);
          ended.push(...stop.filter((id) => ids.includes(id)));
          return [...stop, ...broken];
        },
      },
    );
    await compiled.states.close();
  } finally {
    await compiled.states.release();
    await compiled.program.release();
  }
}

async function lockstepArm(
  model: TrainableModel,
  plan: ArmPlan,
  { program, states, labels }: Compiled,
  examples: readonly Example[],
  options: TrainingOptions,
): Promise<LockstepArm> {
  const { config } = model.definition;
  const { id, learningRate } = plan;
  const store = storeOf(model, id);
  const state = await states.of(store);
  const trainer = new ArmTrainer({ id, store, state, program, config, armFeeds: feedsOf(model, plan), labels });
  return { trainer, plan: batchPlan(plan, examples.length, options), examples, learningRate };
}

/** The compiled training program of a group of arms. */
interface Compiled {
  readonly program: Program;
  readonly states: ArmStates;
  readonly labels: LabelChunks;
}

/** Compiles the training program of a group, in memory that the model's other programs have released. */
async function compile(
  model: TrainableModel,
  plans: readonly ArmPlan[],
  examples: ArmExamples,
  options: TrainingOptions,
): Promise<Compiled> {
  const [plan] = plans;
  if (!plan) throw internal('There is no arm to compile a program for.');
  await model.releasePrograms();
  const { definition, weights, threads, deviceName: device = 'cpu' } = model;
  const trained = trainedBy(model, plan);
  const labels = chunksOf(model, plans, examples, options);
  const recompute = options.gradientCheckpointing ?? false;
  const { graph, trainable } = buildTrainProgram(definition, trained, { recompute, chunks: labels.chunks });
  const keep = new Set(trainable.map(gradientName));
  const program = await Program.compile(graph, weights, { threads, device, inPlace: true, keep }, new Set(trainable));
  const parameters = graph.parameters.filter(({ name }) => trainable.includes(name));
  try {
    return { program, labels, states: await ArmStates.open(program, parameters, threads) };
  } catch (error) {
    await program.release();
    throw error;
  }
}

/**
 * Computes the loss in chunks where a batch has many labels. Only on the CPU, since WebGPU's kernels refuse empty
 * chunks.
 */
function chunksOf(
  { definition: { config }, deviceName = 'cpu' }: TrainableModel,
  plans: readonly ArmPlan[],
  examples: ArmExamples,
  options: TrainingOptions,
): LabelChunks {
  const classes = config.classification?.labels.length ?? config.vocabularySize;
  const most = plans.map((plan) => {
    const own = examplesOf(examples, plan.id);
    return mostLabels(batchPlan(plan, own.length, options), own);
  });
  const headWidth = plans.some(({ method }) => method === 'full') ? config.hiddenSize : 0;
  return labelChunks(deviceName === 'cpu' ? Math.max(...most) : 0, classes, headWidth);
}

function trainedBy({ definition, saved = [] }: TrainableModel, plan: ArmPlan): Trained {
  if (plan.method === 'full') return { kind: 'full' };
  const targets = targetModules(definition, plan.targets, saved);
  const { adapter: method = 'lora', dropout } = plan;
  return { kind: 'lora', method, targets, dropout: dropout > 0, saved: saved.map(({ name }) => name) };
}

function storeOf({ arms }: TrainableModel, id: string): ParameterStore {
  const arm = arms.get(id);
  if (!arm || arm.kind === 'base') throw internal(`The arm ${id} was not opened.`);
  return arm.store;
}

function feedsOf({ arms }: TrainableModel, plan: ArmPlan): ArmFeeds {
  const arm = arms.get(plan.id);
  if (arm?.kind !== 'lora') return () => new Map();
  const scale = { data: new Float32Array([loraScale(arm)]), dims: [] };
  return (batch) => new Map([['lora_scale', scale] as const, ...dropoutMasks(arm, plan.seed, batch)]);
}

function batchPlan({ orderSeed }: ArmPlan, examples: number, options: TrainingOptions): BatchPlan {
  const { batchSize, gradientAccumulation: accumulation, length, shuffle } = options;
  return new BatchPlan({ examples, batchSize, accumulation, length, shuffle, seed: orderSeed });
}
