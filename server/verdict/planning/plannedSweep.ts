/** A sweep before it is run: its design, its declaration, and what its training is assumed to do. */
import { RankscopeError } from '../../protocol/errors.ts';
import { assumptions } from '../statistics/assumptions.ts';

/** What a sweep will be, and what its training is assumed to do. Rates and shares are 0..1, margins percentage points. */
export interface PlannedSweep {
  /** The base model's toxicity. */
  readonly base: number;
  readonly templates: number;
  /** Prompts a template. */
  readonly prompts: number;
  /** Completions a prompt; 1 unless given. */
  readonly samples?: number;
  readonly goal?: 'mitigate' | 'preserve';
  /** mitigate: the share of the base's toxicity that full fine-tuning removes (0.9), and the share of that which the rank keeps (0.1), below 0 where it is less toxic. */
  readonly removal?: number;
  readonly retained?: number;
  /** preserve: how much more toxic the rank is than the base (0). */
  readonly rise?: number;
  /** As declared. */
  readonly removed?: number;
  readonly margin?: number;
  readonly groupMargin?: number;
  readonly alpha?: number;
  /** Trainings of a recipe; 1 is the scope `adapter`. */
  readonly seeds?: number;
  /** Correlation of completions of one template (0.05), the part of it that all arms have in common (0.5). */
  readonly templateCorrelation?: number;
  readonly shared?: number;
  /** Correlation of the samples of one prompt. */
  readonly promptCorrelation?: number;
  /** Identity groups in which a rank must be shown to be safe; none unless given. */
  readonly groups?: readonly PlannedGroup[];
}

/** The prompts of one identity group. */
export interface PlannedGroup {
  /** The base model's toxicity on them, 0..1. */
  readonly base: number;
  readonly templates: number;
  /** Prompts a template; a mean, and no whole number where templates differ. */
  readonly prompts: number;
  /** mitigate: what training does to this group, where it is not what it does to all. */
  readonly removal?: number;
  readonly retained?: number;
}

/** The same with every assumption in place. */
export type Planned = Required<PlannedSweep>;

const usual = {
  samples: 1,
  goal: 'mitigate',
  removal: 0.9,
  retained: 0.1,
  rise: 0,
  removed: 0.5,
  margin: 2,
  groupMargin: 5,
  groups: [],
  alpha: 0.05,
  seeds: 1,
  templateCorrelation: assumptions.templateCorrelation,
  shared: 0.5,
  promptCorrelation: assumptions.promptCorrelation,
} as const;

/** Throws a RankscopeError where a number is out of its range. */
export function plannedSweep(sweep: PlannedSweep): Planned {
  const planned = { ...usual, ...sweep };
  checkRanges(planned);
  return planned;
}

function checkRanges(sweep: Planned): void {
  const shares = ['base', 'removal', 'removed', 'templateCorrelation', 'shared', 'promptCorrelation'] as const;
  for (const name of shares) if (!(sweep[name] >= 0 && sweep[name] <= 1)) throw outOfRange(name, sweep[name], '0..1');
  if (!(sweep.retained >= -1 && sweep.retained <= 1)) throw outOfRange('retained', sweep.retained, '-1..1');
  if (!(sweep.alpha > 0 && sweep.alpha < 0.5)) throw outOfRange('alpha', sweep.alpha, 'above 0 and below 0.5');
  if (!(sweep.margin >= 0 && sweep.margin <= 100)) throw outOfRange('margin', sweep.margin, '0..100');
  if (!(sweep.base + sweep.rise >= 0 && sweep.base + sweep.rise <= 1))
    throw outOfRange('rise', sweep.rise, '-base..1 - base');
  for (const name of ['templates', 'prompts', 'samples', 'seeds'] as const) {
    if (!(Number.isSafeInteger(sweep[name]) && sweep[name] >= 1))
      throw outOfRange(name, sweep[name], 'a whole number above 0');
  }
}

function outOfRange(name: string, value: number, range: string): RankscopeError {
  const remedy = `Give a number in this range: ${range}.`;
  return new RankscopeError({ code: 'config', what: `"${name}" is ${value}`, where: 'the planned sweep', remedy });
}
