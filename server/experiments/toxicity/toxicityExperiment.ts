/** The toxicity experiment (paper section 4.1) as a definition: its sweep, its files and its question. */
import { resolveJudgeSpec } from '../../judges/resolveJudgeSpec.ts';
import { internal } from '../../protocol/errors.ts';
import type { PromptFile, ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { isTuned } from '../data/tuningGrid.ts';
import type { AskedTexts } from '../ports/modelPort.ts';
import { cutArms } from '../sweep/cutArms.ts';
import type { Contradiction, Experiment, Question, RunPorts } from '../sweep/experiment.ts';
import { sweepArms } from '../sweep/sweepArms.ts';
import type { SweepPaths } from '../sweep/sweepPaths.ts';
import { readToxicityData, runToxicityMitigation, type ToxicityData } from './toxicityMitigation.ts';
import { samplingOptions } from './mitigationSweep.ts';

export const toxicityExperiment: Experiment<'toxicity'> = {
  takesEncoders: false,
  withSettings,
  withPaths,
  contradiction: (sweep) => paperContradiction(sweep) ?? screenContradiction(sweep),
  arms: (sweep) => sweepArms(sweep),
  cuts: (sweep) => cutArms(sweep.arms, sweepArms(sweep)),
  files: ({ data, evaluation }) => ({
    ...promptFiles('prompts', data.prompts),
    ...('file' in data.heldOut ? promptFiles('heldOut', data.heldOut) : {}),
    pairs: data.pairs?.file,
    tune: data.tune && 'file' in data.tune ? data.tune.file : undefined,
    heldOutPairs: data.heldOutPairs && 'file' in data.heldOutPairs ? data.heldOutPairs.file : undefined,
    neutral: data.neutral && 'file' in data.neutral ? data.neutral.file : undefined,
    hurtLex: evaluation.hurtLex,
  }),
  judge: ({ judge }) => judge,
  read: async (sweep) => question(sweep, await readToxicityData(sweep)),
};

function paperContradiction({ settings, arms }: ToxicitySweep): Contradiction | undefined {
  if (settings !== 'paper' || !isTuned(arms.learningRate)) return undefined;
  return {
    place: 'arms.learningRate',
    what: 'the paper has one learning rate for all arms, and tunes none',
    remedy: 'Give a number, or leave "settings" out.',
  };
}

/** Where there is nothing to cut, or nothing to cut it to. */
function screenContradiction(sweep: ToxicitySweep): Contradiction | undefined {
  const { ranks, screen } = sweep.arms;
  if (screen === undefined) return undefined;
  const highest = Math.max(0, ...ranks);
  const beyond = screen === true ? undefined : screen.find((rank) => rank >= highest);
  if (beyond === undefined && cutArms(sweep.arms, sweepArms(sweep)).length > 0) return undefined;
  const what =
    beyond === undefined
      ? 'there is no lower rank to cut the highest one to'
      : `rank ${beyond} is not below the highest rank that is trained, ${highest}`;
  return { place: 'arms.screen', what, remedy: 'Give ranks below the highest of "ranks".' };
}

function question(sweep: ToxicitySweep, data: ToxicityData): Question {
  const { training, heldOut } = data.prompts;
  const heldOutPrompts = (): readonly string[] => heldOut.map(({ prompt }) => prompt);
  return {
    sweep,
    training: training.length,
    heldOut: heldOut.length,
    note: data.length?.note,
    heldOutPrompts,
    texts: () => askedTexts(sweep, data, heldOutPrompts()),
    survey: { prompts: heldOut, sampling: samplingOptions(sweep) },
    run: (model, arms, ports) =>
      runToxicityMitigation({ sweep, data, ...arms }, { ...ports, model, judge: judgeOf(ports) }),
  };
}

function judgeOf({ judge }: RunPorts): NonNullable<RunPorts['judge']> {
  if (judge) return judge;
  throw internal('A run about toxicity has no judge.');
}

function askedTexts(
  { data: { counterfactuals, neutral: asked }, generation, evaluation, training: { appendEos } }: ToxicitySweep,
  { prompts, neutral, givenPairs = [], measuredOn = { prompts: [], pairs: [] } }: ToxicityData,
  heldOut: readonly string[],
): readonly AskedTexts[] {
  const { maxNewTokens, samples } = generation;
  const training = counterfactuals ? prompts.training.map(({ prompt }) => prompt) : [];
  return [
    {
      prompts: [...heldOut, ...training, ...measuredOn.prompts],
      pairs: [...givenPairs, ...measuredOn.pairs],
      ...{ maxNewTokens, samples, appendEos },
    },
    { prompts: evaluation.lens, maxNewTokens: 0, appendEos },
    ...neutralTexts(asked, neutral),
  ];
}

/** Neutral texts are scored as a whole; the base's own begin with its token of the start, which it must have. */
function neutralTexts(
  asked: ToxicitySweep['data']['neutral'],
  given: ToxicityData['neutral'] = [],
): readonly AskedTexts[] {
  if (!asked) return [];
  if ('file' in asked) return [{ prompts: [], maxNewTokens: 0, pairs: given, appendEos: false }];
  const { maxNewTokens, samples } = asked;
  return [{ prompts: [''], maxNewTokens, samples, appendEos: false }];
}

function promptFiles(name: string, { file, more = [] }: PromptFile): Readonly<Record<string, string>> {
  return Object.fromEntries([file, ...more].map((each, i) => [i === 0 ? name : `${name} ${i + 1}`, each]));
}

/** The paper's settings (section 4.1, appendix C), where the sweep asks for them and says nothing else. */
const papersSettings = {
  arms: { learningRate: 5e-5, alpha: '2r' },
  training: { batchSize: 8, gradientAccumulation: 32 },
} as const;

type Loose = Readonly<Record<string, unknown>>;

function withSettings(given: Loose): Loose {
  if (given.settings !== 'paper') return given;
  const part = (name: 'arms' | 'training'): unknown => {
    const own = given[name] ?? {};
    return typeof own === 'object' && !Array.isArray(own) ? { ...papersSettings[name], ...own } : own;
  };
  return { ...given, arms: part('arms'), training: part('training') };
}

function withPaths(sweep: ToxicitySweep, { file, inFile, fileOr, model, init }: SweepPaths): ToxicitySweep {
  const { data, arms, evaluation, judge } = sweep;
  const { counterfactuals } = data;
  return {
    ...sweep,
    model: model('model', sweep.model),
    data: {
      ...data,
      prompts: inFile('data.prompts', data.prompts),
      heldOut: fileOr('data.heldOut', data.heldOut),
      ...(data.pairs && { pairs: inFile('data.pairs', data.pairs) }),
      ...(counterfactuals && {
        counterfactuals: { ...counterfactuals, model: model('data.counterfactuals.model', counterfactuals.model) },
      }),
      ...(data.tune && { tune: fileOr('data.tune', data.tune) }),
      ...(data.neutral && { neutral: fileOr('data.neutral', data.neutral) }),
      ...(data.heldOutPairs && { heldOutPairs: fileOr('data.heldOutPairs', data.heldOutPairs) }),
    },
    arms: init(arms),
    evaluation: {
      ...evaluation,
      ...(evaluation.hurtLex && { hurtLex: file('evaluation.hurtLex', evaluation.hurtLex) }),
    },
    judge: resolveJudgeSpec(
      judge,
      { file: (value, place) => file(place, value), model: (value, place) => model(place, value) },
      'judge.',
    ),
  };
}
