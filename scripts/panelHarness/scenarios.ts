/** What a watched run does. */
import type { RunUpdate } from '../../server/protocol/messages/runsContract.ts';
import { sampleMetrics } from './sampleArms.ts';
import { classificationMetrics } from './sampleClassification.ts';
import { sampleUpdate, type Moment } from './sampleRun.ts';

type Emit = (update: RunUpdate) => void;

/** Resolves when the run has ended, or when it is not watched any more. */
export async function watchScenario(scenario: string, emit: Emit, signal: AbortSignal): Promise<null> {
  switch (scenario) {
    case 'stream':
      await stream({ of: 400, history: 160, each: 1, ticks: 240 }, emit, signal);
      break;
    case 'many':
      // 7 arms trained for 14,286 steps: 100,002 points of each curve's kind, none of them thinned.
      await stream({ of: 14_286, history: 0, each: 143, ticks: 100 }, emit, signal);
      break;
    case 'failed':
      emit(
        sampleUpdate(
          { state: 'failed', step: 90, of: 400, failure: 'The engine process ended (signal SIGKILL).' },
          1,
          90,
        ),
      );
      break;
    case 'classification':
      emit(sampleUpdate({ state: 'finished', step: 400, of: 400, metrics: classificationMetrics }, 1, 400));
      break;
    case 'still':
      emit(sampleUpdate({ state: 'running', step: 160, of: 400 }, 1, 160));
      break;
    default:
      emit(sampleUpdate({ state: 'finished', step: 400, of: 400, metrics: sampleMetrics }, 1, 400));
  }
  return null;
}

interface Stream {
  readonly of: number;
  /** Steps that lie behind already. */
  readonly history: number;
  /** Steps of an update. */
  readonly each: number;
  readonly ticks: number;
}

async function stream({ of, history, each, ticks }: Stream, emit: Emit, signal: AbortSignal): Promise<void> {
  const moment = (step: number): Moment => ({ state: step < of ? 'running' : 'finished', step, of });
  emit(sampleUpdate(moment(history), 1, history));
  for (let tick = 0; tick < ticks && !signal.aborted; tick++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const from = history + tick * each;
    const to = Math.min(of, from + each);
    emit(sampleUpdate(moment(to), from + 1, to));
  }
}
