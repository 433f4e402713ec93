/** The toxicity experiment (paper section 4.1) as a definition: its sweep, its files and its question. */
import { resolveJudgeSpec } from '../../judges/resolveJudgeSpec.ts';
import { internal } from '../../protocol/errors.ts';
import type { PromptFile, ToxicitySweep } from '../../protocol/toxicitySweep.ts';
import { isTuned } from '../data/tuningGrid.ts';
import type { AskedTexts } from '../ports/modelPort.ts';
import type { Experiment, Question, RunPorts } from '../sweep/experiment.ts';
import { sweepArms } from '../sweep/sweepArms.ts';
import type { SweepPaths } from '../sweep/sweepPaths.ts';
import { readToxicityData, runToxicityMitigation, type ToxicityData } from './toxicityMitigation.ts';
import { samplingOptions } from './mitigationSweep.ts';

export const toxicityExperiment: Experiment<'toxicity'> = {
  takesEncoders: false,
  withSettings,
  withPaths,
  contradiction: ({ settings, arms }) =>
    settings === 'paper' && isTuned(arms.learningRate)
      ? {
          place: 'arms.learningRate',
          what: 'the paper has one learning rate for all arms, and tunes none',
          remedy: 'Give a number, or leave "settings" out.',
        }
      : undefined,
  arms: (sweep) => sweepArms(sweep),
  files: ({ data, evaluation }) => ({
    ...promptFiles('prompts', data.prompts),
    ...('file' in data.heldOut ? promptFiles('heldOut', data.heldOut) : {}),
    pairs: data.pairs?.file,
    tune: data.tune && 'file' in data.tune ? data.tune.file : undefined,
    heldOutPairs: data.heldOutPairs && 'file' in data.heldOutPairs ? data.heldOutPairs.file : undefined,
    hurtLex: evaluation.hurtLex,
  }),
  judge: ({ judge }) => judge,
  read: async (sweep) => question(sweep, await readToxicityData(sweep)),
};

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
  { data: { counterfactuals }, generation, evaluation, training: { appendEos } }: ToxicitySweep,
  { prompts, givenPairs = [] }: ToxicityData,
  heldOut: readonly string[],
): readonly AskedTexts[] {
  const { maxNewTokens } = generation;
  const training = counterfactuals ? prompts.training.map(({ prompt }) => prompt) : [];
  return [
    { prompts: [...heldOut, ...training], maxNewTokens, pairs: givenPairs, appendEos },
    { prompts: evaluation.lens, maxNewTokens: 0, appendEos },
  ];
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
