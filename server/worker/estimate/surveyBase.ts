/** Estimates before any training which verdict a sweep can be expected to reach, from the completions of its base model. */
import { judgeCompletions, toxicity } from '../../experiments/toxicity/judgeCompletions.ts';
import { resolveSweep } from '../../experiments/resolveSweep.ts';
import type { Question, Survey } from '../../experiments/sweep/experiment.ts';
import type { Judge } from '../../judges/judge/judge.ts';
import type { HandlerContext } from '../../protocol/messages/channel.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import type { DeviceSetting } from '../../protocol/devices/deviceChoice.ts';
import type { BaseSurvey, EstimateProgress } from '../../protocol/messages/worker.ts';
import type { EngineHost } from '../host/engineHost.ts';
import { templateCorrelation, type PromptCount } from '../../verdict/statistics/design.ts';
import { openJudgeModels } from '../judges/judgeModels.ts';
import { readQuestion } from '../sweep/sweepQuestion.ts';

/**
 * Has the base complete the held-out prompts as the sweep would, and counts the judge's verdicts. Throws
 * RankscopeError('config') for a classification sweep, whose base does not predict the errors of its arms.
 */
export async function surveyBase(
  host: EngineHost,
  { file, device = 'auto' }: { readonly file: string; readonly device?: DeviceSetting },
  { emit, signal }: HandlerContext<EstimateProgress>,
): Promise<BaseSurvey> {
  const { sweep: asked, arms, cuts } = await resolveSweep(file);
  const sweep = device === 'auto' || asked.device !== 'auto' ? asked : { ...asked, device };
  const judging = openJudgeModels(host, { device: sweep.device, threads: sweep.threads });
  try {
    const { question, judge } = await readQuestion(sweep, judging.models);
    const { survey } = question;
    if (!survey || !judge) throw notPlanned(file);
    const seen = await observed(sweep, { survey, question }, judge, { host, emit, signal });
    return { ...seen, arms: arms.length + cuts.length + 1 };
  } finally {
    await judging.dispose();
  }
}

interface Surveyor extends HandlerContext<EstimateProgress> {
  readonly host: EngineHost;
}

async function observed(
  sweep: AnySweep,
  { survey: { prompts, sampling }, question }: { readonly survey: Survey; readonly question: Question },
  judge: Judge,
  { host, emit, signal }: Surveyor,
): Promise<Omit<BaseSurvey, 'arms'>> {
  const { device, threads, weights, lowMemory } = sweep;
  const texts = prompts.map(({ prompt }) => prompt);
  emit({ phase: 'loading', detail: sweep.model });
  const opened = await host.openModel(sweep.model, { device, threads, weights, lowMemory, signal });
  const model = question.framed?.(opened) ?? opened;
  try {
    emit({ phase: 'base-completions', detail: `${texts.length} prompts` });
    const begun = performance.now();
    const completions = await model.complete(['base'], texts, sampling, () => undefined, signal);
    emit({ phase: 'judging', detail: judge.name });
    const verdicts = await judgeCompletions(judge, completions, texts, signal);
    const seconds = (performance.now() - begun) / 1000;
    const frames = completions.map(({ promptIndex }) => prompts[promptIndex]?.frame ?? '');
    const toxic = verdicts.map(toxicity);
    const correlation = templateCorrelation(countsOf(prompts, completions, toxic));
    return {
      declaration: sweep.verdict,
      seeds: sweep.arms.seeds.length,
      samples: sampling.samples,
      prompts: texts.length,
      templates: new Set(frames).size,
      base: meanOverTemplates(frames, toxic),
      groups: groupsOf(
        sweep.verdict.groups,
        completions.map(({ promptIndex }, i) => ({ ...prompts[promptIndex], toxic: toxic[i] })),
        sampling.samples,
      ),
      ...(correlation !== undefined && { templateCorrelation: correlation }),
      unjudged: toxic.filter((own) => own === undefined).length,
      judge: judge.name,
      secondsPerCompletion: seconds / Math.max(1, completions.length),
    };
  } finally {
    await model.dispose();
  }
}

interface JudgedCompletion {
  readonly frame?: string;
  readonly group?: string;
  readonly toxic: boolean | undefined;
}

/**
 * The declared groups, or all that the prompts name, as the verdict uses them. Without a judged completion a group
 * has no templates.
 */
function groupsOf(
  declared: readonly string[] | undefined,
  completions: readonly JudgedCompletion[],
  samples: number,
): BaseSurvey['groups'] {
  const named = new Set(completions.flatMap(({ group }) => group ?? []));
  return (declared ?? [...named].sort()).map((group) => {
    const own = completions.filter((completion) => completion.group === group && completion.toxic !== undefined);
    const frames = own.map(({ frame = '' }) => frame);
    const templates = new Set(frames).size;
    if (templates === 0) return { group, templates, base: 0, prompts: 0 };
    const base = meanOverTemplates(
      frames,
      own.map(({ toxic }) => toxic),
    );
    return { group, templates, base, prompts: own.length / samples / templates };
  });
}

/**
 * Mean rate in which each template counts equally, as in the verdict. Throws RankscopeError('judge') where nothing
 * was judged.
 */
function meanOverTemplates(frames: readonly string[], toxic: readonly (boolean | undefined)[]): number {
  const rates = [...new Set(frames)].flatMap((frame) => {
    const own = toxic.filter((verdict, i) => frames[i] === frame && verdict !== undefined);
    return own.length === 0 ? [] : [own.filter(Boolean).length / own.length];
  });
  if (rates.length > 0) return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const what = 'the judge gave no verdict on any completion of the base';
  throw new RankscopeError({ code: 'judge', what, remedy: 'Check the judge of the sweep.' });
}

/** What the base did on each prompt, in their order. */
function countsOf(
  prompts: Survey['prompts'],
  completions: readonly { readonly promptIndex: number }[],
  toxic: readonly (boolean | undefined)[],
): readonly PromptCount[] {
  return prompts.map(({ frame, group }, prompt) => {
    const verdicts = completions.flatMap(({ promptIndex }, i) => (promptIndex === prompt ? (toxic[i] ?? []) : []));
    const counts = { toxic: verdicts.filter(Boolean).length, judged: verdicts.length };
    return { template: frame, ...(group !== undefined && { group }), ...counts };
  });
}

function notPlanned(where: string): RankscopeError {
  return new RankscopeError({
    code: 'config',
    what: 'a sweep about labels cannot be planned: its base does not say how often its arms will be wrong',
    where,
    remedy: 'Plan a sweep about toxicity, or run this one.',
  });
}
