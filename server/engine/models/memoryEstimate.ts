import { RankscopeError } from '../../protocol/errors.ts';
import type { StoredTensor } from '../weights/checkpoint.ts';
import { resolveTensorName } from '../weights/tensorNames.ts';
import type { Parameter } from './modelConfig.ts';
import { parametersOf, type ModelDefinition } from './modelDefinition.ts';
import { bytesOf, countOf, isMatrix, storageByName, type WeightStorage } from './weightLayout.ts';

/** Tokens of a step that the estimate is for. */
export const STEP_TOKENS = 256;
/** Node, ONNX Runtime and the tokenizer. */
const PROCESS_BYTES = 256 * 2 ** 20;
/** What is left to everything else on the machine. */
const SPARE = 0.1;

/** Memory that a model takes, in bytes, before any of it is read. */
export interface MemoryEstimate {
  /** The weights as they are kept. */
  readonly weights: number;
  /** What a LoRA step of 256 tokens computes with beside them: activations, logits, the largest matrix widened. */
  readonly working: number;
  readonly total: number;
}

/** How a model is to be kept, as a person asks for it: see WeightStorage. */
export type WeightsSetting = 'auto' | 'fp32' | 'fp16' | 'int8' | 'int4';

const STORAGE = { fp32: 'float32', fp16: 'float16', int8: 'int8', int4: 'int4' } as const satisfies Readonly<
  Record<Exclude<WeightsSetting, 'auto'>, WeightStorage>
>;
const SETTINGS = ['fp32', 'fp16', 'int8', 'int4'] as const;

/** What a person asks for. */
export interface MemoryWish {
  readonly weights: WeightsSetting;
  /** Whether time is to be given for memory: see MemoryPlan. */
  readonly lowMemory?: boolean | undefined;
}

/** What there is to keep it in. */
export interface Machine {
  /** Bytes. */
  readonly memory: number;
  /** The model, for errors. */
  readonly where: string;
}

/** How it is kept. */
export interface MemoryPlan extends Machine {
  readonly storage: WeightStorage;
  /** Whether programs may lay weights out anew for their kernels: twice the weights again. */
  readonly prepack: boolean;
  /** Whether one program is open at a time, and fewer sequences go through it at once. */
  readonly lowMemory: boolean;
  readonly estimate: MemoryEstimate;
}

/** What LoRA on a model takes with its weights kept so. */
export function estimateMemory(definition: ModelDefinition, storage: WeightStorage): MemoryEstimate {
  const { family, config } = definition;
  const parameters = parametersOf(definition);
  const ownStorage = storageByName(definition, storage);
  const weights = parameters.reduce((sum, parameter) => sum + bytesOf(parameter, ownStorage(parameter)), 0);
  const features = family.linearModules(config).reduce((sum, m) => sum + m.inFeatures + m.outFeatures, 0);
  const classes = config.classification?.labels.length ?? config.vocabularySize;
  const activations = 4 * STEP_TOKENS * (features + 2 * classes);
  const widest = storage === 'float32' ? 0 : 8 * Math.max(...parameters.filter(isMatrix).map(countOf));
  const working = PROCESS_BYTES + activations + widest + packedBytes(parameters, ownStorage);
  return { weights, working, total: weights + working };
}

/** What the kernel of 4-bit products has laid out anew for itself beside the file: the codes and their scales. */
function packedBytes(parameters: readonly Parameter[], ownStorage: (parameter: Parameter) => WeightStorage): number {
  const narrow = parameters.filter((parameter) => ownStorage(parameter) === 'int4');
  return narrow.reduce((sum, parameter) => sum + bytesOf(parameter, 'int4'), 0);
}

/** What a fully trained arm takes beside the base: its parameters, their gradients and AdamW's two moments. */
export function fullArmBytes(definition: ModelDefinition): number {
  return parametersOf(definition).reduce((sum, p) => sum + (p.compute ? 0 : 16 * countOf(p)), 0);
}

/**
 * Chooses how a model is kept on a machine of `memory` bytes: as asked, or with `auto` as float32 where that fits and as
 * float16 where it does not and the checkpoint holds no float32 matrices that this would round.
 * Throws RankscopeError('memory') with the numbers where it does not fit; nothing of the weights has been read then.
 */
export function planMemory(
  definition: ModelDefinition,
  tensors: ReadonlyMap<string, Pick<StoredTensor, 'storage'>>,
  { weights: setting, lowMemory = false }: MemoryWish,
  { memory, where }: Machine,
): MemoryPlan {
  const room = memory * (1 - SPARE);
  const wide = estimateMemory(definition, 'float32');
  const rounds = parametersOf(definition).some(
    (p) => isMatrix(p) && tensors.get(resolveTensorName(tensors, p.name) ?? '')?.storage === 'F32',
  );
  const chosen = setting === 'auto' ? (wide.total > room && !rounds ? 'fp16' : 'fp32') : setting;
  const storage = STORAGE[chosen];
  const estimate = estimateMemory(definition, storage);
  if (estimate.total > room) throw tooLarge(definition, chosen, { memory, where });
  const prepack = prepacks(storage, estimate, lowMemory ? 0 : room);
  return { memory, where, storage, prepack, lowMemory, estimate };
}

/**
 * float32 where there is room for the copies; what float16 and int8 are widened from is never laid out anew; of int4 the
 * products need it, for which the estimate has room.
 */
function prepacks(storage: WeightStorage, { total, weights }: MemoryEstimate, room: number): boolean {
  return storage === 'int4' || (storage === 'float32' && total + 2 * weights <= room);
}

/** Throws RankscopeError('memory') with the numbers where full fine-tuning does not fit beside the base. */
export function checkFullArm(definition: ModelDefinition, plan: MemoryPlan): void {
  const what = 'Full fine-tuning needs about {} for parameters, gradients and moments';
  assertFits(fullArmBytes(definition), plan, what, 'Leave full fine-tuning out, or use a smaller model.');
}

/** The same for arms of low rank, which together take so many bytes (adapters/loraArm.ts). */
export function checkAdapterArms(bytes: number, plan: MemoryPlan): void {
  const what = 'The arms of low rank need about {} for parameters, gradients, moments and their step';
  assertFits(bytes, plan, what, 'Name fewer ranks, seeds or target modules, or use a smaller model.');
}

/** `{}` in `what` stands for the bytes. */
function assertFits(bytes: number, { estimate, memory, where }: MemoryPlan, what: string, remedy: string): void {
  if (estimate.total + bytes <= memory * (1 - SPARE)) return;
  throw new RankscopeError({
    code: 'memory',
    where,
    what:
      `${what.replace('{}', gib(bytes))}, beside ${gib(estimate.total)} for the base; ` +
      `this machine has ${gib(memory)}, of which ${gib(memory * (1 - SPARE))} may be used.`,
    remedy,
  });
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function tooLarge(
  definition: ModelDefinition,
  chosen: (typeof SETTINGS)[number],
  { memory, where }: Machine,
): RankscopeError {
  const room = memory * (1 - SPARE);
  const needs = estimateMemory(definition, STORAGE[chosen]);
  const fits = SETTINGS.slice(SETTINGS.indexOf(chosen) + 1).flatMap((setting) => {
    const { total } = estimateMemory(definition, STORAGE[setting]);
    return total <= room ? [`"weights": "${setting}" (about ${gib(total)}${ROUNDING[setting]})`] : [];
  });
  return new RankscopeError({
    code: 'memory',
    where,
    what:
      `The model needs about ${gib(needs.total)} (${gib(needs.weights)} of weights as ${STORAGE[chosen]}); ` +
      `this machine has ${gib(memory)}, of which ${gib(room)} may be used.`,
    remedy: fits.length > 0 ? `Set ${fits.join(' or ')}.` : 'Use a smaller model, or a machine with more memory.',
  });
}

const ROUNDING = {
  fp32: '',
  fp16: ', each weight rounded to 11 bits where it has more',
  int8: ', rounded to 8 bits',
  int4: ', rounded to 4 bits',
} as const satisfies Readonly<Record<(typeof SETTINGS)[number], string>>;
