/** The toxicity experiment (paper section 4.1) as a definition: its sweep, its files and its question. */
import { resolveJudgeSpec } from '../../judges/resolveJudgeSpec.ts';
import { internal } from '../../protocol/errors.ts';
import { adapterDescriptions } from '../../protocol/sweep/adapterMethod.ts';
import type { PromptFile, ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { isTuned } from '../data/tuningGrid.ts';
import { framedModel } from '../data/framedModel.ts';
import { framePair, framePrompt, resolveFraming, type Framing } from '../data/framing.ts';
import type { CausalPort } from '../ports/experimentPorts.ts';
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
  withNewSettings,
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

/** Where there is nothing to cut, nothing to cut it to, or an adapter that cannot be cut. */
function screenContradiction(sweep: ToxicitySweep): Contradiction | undefined {
  const { ranks, screen, method } = sweep.arms;
  if (screen === undefined) return undefined;
  if (method !== 'lora') {
    const { title } = adapterDescriptions[method];
    const what = `an adapter of ${title} cannot be cut to a lower rank: its change of a matrix is no product of two factors`;
    return { place: 'arms.screen', what, remedy: 'Leave "screen" out, or train LoRA.' };
  }
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
    texts: (model) =>
      askedTexts(sweep, data, heldOutPrompts()).map((texts) => framedTexts(texts, framingOf(sweep, model))),
    framed: (model) => framedModel(model, framingOf(sweep, model)),
    settled: (model) => settled(sweep, model),
    survey: { prompts: heldOut, sampling: samplingOptions(sweep) },
    run: (model, arms, ports) => {
      const framing = framingOf(sweep, model);
      return runToxicityMitigation({ sweep, data, framing, ...arms }, { ...ports, model, judge: judgeOf(ports) });
    },
  };
}

type Model = Pick<CausalPort, 'hasChatTemplate'>;

const framingOf = ({ data: { chat } }: ToxicitySweep, { hasChatTemplate }: Model): Framing | undefined =>
  resolveFraming(chat, hasChatTemplate);

function framedTexts(texts: AskedTexts, framing: Framing | undefined): AskedTexts {
  const prompts = texts.prompts.map((prompt) => (typeof prompt === 'string' ? framePrompt(prompt, framing) : prompt));
  return { ...texts, prompts, ...(texts.pairs && { pairs: texts.pairs.map((pair) => framePair(pair, framing)) }) };
}

/** With "auto" settled, so that a run that is resumed, and whoever reads its record, need not ask the model. */
function settled(sweep: ToxicitySweep, model: Model): ToxicitySweep {
  const { chat } = sweep.data;
  if (!chat) return sweep;
  return { ...sweep, data: { ...sweep.data, chat: { ...chat, frame: framingOf(sweep, model) !== undefined } } };
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
  data: { chat: { frame: false } },
  arms: { learningRate: 5e-5, alpha: '2r' },
  training: { batchSize: 8, gradientAccumulation: 32 },
} as const;

type Loose = Readonly<Record<string, unknown>>;

function withSettings(given: Loose): Loose {
  if (given.settings !== 'paper') return given;
  const part = (name: 'data' | 'arms' | 'training'): unknown => {
    const own = given[name] ?? {};
    return typeof own === 'object' && !Array.isArray(own) ? { ...papersSettings[name], ...own } : own;
  };
  return { ...given, data: part('data'), arms: part('arms'), training: part('training') };
}

/** Prompts are chats where the model has a template, unless the file says otherwise or repeats the paper, which had none. */
function withNewSettings(given: Loose): Loose {
  const { data } = given;
  if (given.settings === 'paper' || typeof data !== 'object' || data === null || 'chat' in data) return given;
  const chat = given.reproduces === undefined ? {} : { frame: false };
  return { ...given, data: { ...data, chat } };
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
