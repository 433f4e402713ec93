/** What the stages of a run are called. */
import type { Phase } from '../../protocol/run/run.ts';
import { english, type Say } from '../text/say.ts';

/** `title` stands by itself, `short` within a line. */
const phases = {
  loading: { title: 'Loading the model', short: 'loading the model' },
  'base-completions': {
    title: 'Completing the prompts with the base model',
    short: 'completions of the base model',
  },
  judging: { title: 'Judging completions', short: 'judging' },
  counterfactuals: { title: 'Writing counterfactual completions', short: 'counterfactuals' },
  tuning: { title: 'Choosing learning rates', short: 'choosing learning rates' },
  training: { title: 'Training', short: 'training' },
  evaluation: { title: 'Measuring the arms', short: 'measuring the arms' },
  report: { title: 'Writing the report', short: 'writing the report' },
} as const satisfies Readonly<Record<Phase, { readonly title: string; readonly short: string }>>;

/** The name of a stage; a stage that is not known has none but its own. */
export function phaseText(phase: string, form: 'title' | 'short', say: Say = english): string {
  return isPhase(phase) ? say(phases[phase][form]) : phase;
}

function isPhase(phase: string): phase is Phase {
  return Object.hasOwn(phases, phase);
}
