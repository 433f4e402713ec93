import { RankscopeError } from '../../protocol/errors.ts';
import type { StoredTensor } from '../weights/checkpoint.ts';
import { resolveTensorName } from '../weights/tensorNames.ts';
import type { WeightStorage } from './convertedWeights.ts';
import type { Parameter } from './modelConfig.ts';
import { parametersOf, type ModelDefinition } from './modelDefinition.ts';

/** Tokens of a step that the estimate is for. */
const STEP_TOKENS = 256;
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

/** How a model is to be kept, as a person asks for it. */
export type WeightsSetting = 'auto' | 'fp32' | 'fp16';

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
  readonly estimate: MemoryEstimate;
}

const countOf = ({ shape }: Parameter): number => shape.reduce((a, b) => a * b, 1);
const isMatrix = ({ shape, compute }: Parameter): boolean => shape.length === 2 && !compute;

/** What LoRA on a model takes with its weights kept so. */
export function estimateMemory(definition: ModelDefinition, storage: WeightStorage): MemoryEstimate {
  const { family, config } = definition;
  const parameters = parametersOf(definition);
  const bytes = (parameter: Parameter): number =>
    countOf(parameter) * (storage === 'float16' && isMatrix(parameter) ? 2 : 4);
  const weights = parameters.reduce((sum, parameter) => sum + bytes(parameter), 0);
  const features = family.linearModules(config).reduce((sum, m) => sum + m.inFeatures + m.outFeatures, 0);
  const classes = config.classification?.labels.length ?? config.vocabularySize;
  const activations = 4 * STEP_TOKENS * (features + 2 * classes);
  const widest = storage === 'float16' ? 8 * Math.max(...parameters.filter(isMatrix).map(countOf)) : 0;
  const working = PROCESS_BYTES + activations + widest;
  return { weights, working, total: weights + working };
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
  setting: WeightsSetting,
  { memory, where }: Machine,
): MemoryPlan {
  const room = memory * (1 - SPARE);
  const [wide, half] = [estimateMemory(definition, 'float32'), estimateMemory(definition, 'float16')];
  const rounds = parametersOf(definition).some(
    (p) => isMatrix(p) && tensors.get(resolveTensorName(tensors, p.name) ?? '')?.storage === 'F32',
  );
  const narrows = setting === 'fp16' || (setting === 'auto' && wide.total > room && !rounds);
  const estimate = narrows ? half : wide;
  if (estimate.total > room) throw tooLarge(where, estimate, memory, narrows ? undefined : half);
  return {
    memory,
    where,
    storage: narrows ? 'float16' : 'float32',
    prepack: !narrows && estimate.total + 2 * estimate.weights <= room,
    estimate,
  };
}

/** Throws RankscopeError('memory') with the numbers where full fine-tuning does not fit beside the base. */
export function checkFullArm(definition: ModelDefinition, { estimate, memory, where }: MemoryPlan): void {
  const [base, arm] = [estimate.total, fullArmBytes(definition)];
  if (base + arm <= memory * (1 - SPARE)) return;
  throw new RankscopeError({
    code: 'memory',
    where,
    what:
      `Full fine-tuning needs about ${gib(arm)} for parameters, gradients and moments, beside ${gib(base)} for the base; ` +
      `this machine has ${gib(memory)}, of which ${gib(memory * (1 - SPARE))} may be used.`,
    remedy: 'Leave full fine-tuning out, or use a smaller model.',
  });
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function tooLarge(where: string, needs: MemoryEstimate, memory: number, half: MemoryEstimate | undefined) {
  const fits = half !== undefined && half.total <= memory * (1 - SPARE);
  return new RankscopeError({
    code: 'memory',
    where,
    what:
      `The model needs about ${gib(needs.total)} (${gib(needs.weights)} of weights as ${half ? 'float32' : 'float16'}); ` +
      `this machine has ${gib(memory)}, of which ${gib(memory * (1 - SPARE))} may be used.`,
    remedy: fits
      ? `Set "weights": "fp16": about ${gib(half.total)}, each weight rounded to 11 bits where it has more.`
      : 'Use a smaller model, or a machine with more memory.',
  });
}
