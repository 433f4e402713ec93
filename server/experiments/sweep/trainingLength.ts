/** How many optimiser steps a plan takes, and whether so few are a comparison at all. */
import { RankscopeError } from '../../protocol/errors.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';

type Training = AnySweep['training'];

/** A training whose batches a step are settled. */
export type PlannedTraining<T extends Training = Training> = T & { readonly gradientAccumulation: number };

/** Below these many steps arms have hardly left the base, and a comparison of ranks says nothing. */
const fewestSteps = 10;
/** Steps that "auto" sees to where the pairs allow it. */
const enoughSteps = 40;
/** Batches of a step in the paper (appendix C), and the most that "auto" takes. */
const papersAccumulation = 32;

export interface LengthPlan<T extends Training = Training> {
  readonly training: PlannedTraining<T>;
  readonly steps: number;
  /** What a reader must know of the length; undefined where there is nothing to say. */
  readonly note?: string;
}

interface Planned<T extends Training> {
  readonly training: T;
  /** Whether the sweep is at the paper's settings, which are done as they are. */
  readonly settings?: 'paper' | undefined;
  /** Whether a plan of few steps is noted and not refused, since what it is trained on has cost much already. */
  readonly isLenient?: boolean;
}

/**
 * Settles the batches of a step: "auto" takes the paper's 32, or the greatest power of two below with which there are 40
 * steps. Throws RankscopeError('config') for a plan of fewer than ten steps, unless the sweep asks for so many steps by
 * number or for the paper's settings. `usualEpochs` are those of a training that names neither epochs nor steps.
 */
export function planLength<T extends Training>(
  { training, settings, isLenient = false }: Planned<T>,
  pairs: number,
  usualEpochs = 1,
): LengthPlan<T> {
  const planned = settled(training, pairs, usualEpochs);
  const steps = plannedSteps(planned, pairs, usualEpochs);
  const size = `${steps} optimiser step${steps === 1 ? '' : 's'}`;
  const plan = { training: planned, steps };
  if (steps >= fewestSteps) {
    const isLowered = training.gradientAccumulation === 'auto' && planned.gradientAccumulation < papersAccumulation;
    return isLowered ? { ...plan, note: loweredNote(planned, steps) } : plan;
  }
  if (training.steps !== undefined) return { ...plan, note: `The sweep asks for ${size}: that hardly moves any arm.` };
  const counted = `${pairs} examples at ${planned.batchSize} x ${planned.gradientAccumulation} a step`;
  if (settings === 'paper' || isLenient) {
    const who = settings === 'paper' ? "The paper's settings are" : 'The plan takes';
    return { ...plan, note: `${who} ${size} here (${counted}): that hardly moves any arm.` };
  }
  throw new RankscopeError({
    code: 'config',
    what: `the plan takes ${size} (${counted}), with which no arm learns anything`,
    where: 'training',
    remedy:
      `Give more "epochs", a smaller "batchSize" or "gradientAccumulation", or more data, for at least ${fewestSteps} steps; ` +
      'or "steps", to say that you want so few.',
  });
}

/** Optimiser steps of a training over so many examples. */
export function plannedSteps(training: PlannedTraining, examples: number, usualEpochs = 1): number {
  const { steps, epochs = usualEpochs, batchSize, gradientAccumulation } = training;
  return steps ?? Math.ceil((epochs * examples) / (batchSize * gradientAccumulation));
}

function settled<T extends Training>(training: T, pairs: number, usualEpochs: number): PlannedTraining<T> {
  const { gradientAccumulation: given } = training;
  if (given !== 'auto') return { ...training, gradientAccumulation: given };
  const of = (gradientAccumulation: number): PlannedTraining<T> => ({ ...training, gradientAccumulation });
  if (training.steps !== undefined) return of(papersAccumulation);
  let accumulation = papersAccumulation;
  while (accumulation > 1 && plannedSteps(of(accumulation), pairs, usualEpochs) < enoughSteps) accumulation /= 2;
  return of(accumulation);
}

function loweredNote({ batchSize, gradientAccumulation }: PlannedTraining, steps: number): string {
  const size = gradientAccumulation === 1 ? `${batchSize}` : `${batchSize} x ${gradientAccumulation}`;
  return (
    `${steps} optimiser steps of ${size} pairs; the paper's ${batchSize} x ${papersAccumulation} a step would be too few ` +
    'steps on these data.'
  );
}
