/** Training pairs written by an instruction-tuned generator (paper section 4.1 and appendix C.1). */
import type { Prompt } from '../../dataset/readPrompts.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { CounterfactualOptions, ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { judgeCompletions, toxicity } from './judgeCompletions.ts';
import type { ModelPrompt, Pair } from '../ports/modelPort.ts';
import { parseCounterfactuals, type Dropped } from './parseCounterfactuals.ts';
import { soundArms, type SoundArms } from '../sweep/soundArms.ts';
import { roundDetail, samplingOptions } from './mitigationSweep.ts';

export interface CounterfactualWork {
  readonly sweep: ToxicitySweep;
  readonly options: CounterfactualOptions;
  readonly prompts: readonly Prompt[];
  /** 1-based; each draws completions and counterfactuals of its own. */
  readonly round: number;
}

/**
 * Completes the training prompts with the base, and has the generator write counterfactuals for each prompt that led to
 * a toxic completion. Answers that are no counterfactual are dropped, counted and told as a warning.
 * Throws RankscopeError('data') when the base is never toxic or nothing usable was written.
 */
export async function counterfactualPairs(
  work: Omit<CounterfactualWork, 'round'>,
  ports: ExperimentPorts,
): Promise<readonly Pair[]> {
  const { pairs, toxic, dropped } = await pairsOfArms(['base'], { ...work, round: 1 }, ports);
  if (toxic.get('base')?.size === 0) {
    throw new RankscopeError({
      code: 'data',
      what: `none of the base's ${work.prompts.length * work.sweep.generation.samples} completions of the training prompts was judged toxic by ${ports.judge.name}`,
      remedy: 'Draw more samples a prompt (generation.samples), or give pairs in a file (data.pairs).',
    });
  }
  const benign = pairs.get('base') ?? [];
  if (benign.length > 0) return benign;
  throw new RankscopeError({
    code: 'data',
    what: `the generator ${work.options.model} wrote no usable counterfactual for ${toxic.get('base')?.size ?? 0} prompts (${dropped || 'empty answers'})`,
    remedy: 'Use a larger instruction-tuned model, more new tokens, or give pairs in a file (data.pairs).',
  });
}

/**
 * The same for later rounds, with what the arms say now: each arm's pairs are for the prompts that it is still toxic on.
 * An arm that is toxic on none, or for which nothing usable was written, has none; nor has one whose numbers are not finite.
 */
export async function roundPairs(
  arms: readonly string[],
  work: CounterfactualWork,
  ports: ExperimentPorts,
): Promise<Pick<WrittenPairs, 'pairs' | 'failures'>> {
  return pairsOfArms(arms, work, ports);
}

interface WrittenPairs {
  readonly pairs: ReadonlyMap<string, readonly Pair[]>;
  /** Prompts with a toxic completion, by arm. */
  readonly toxic: ReadonlyMap<string, ReadonlySet<string>>;
  /** What was dropped and how often, in words; empty when nothing was. */
  readonly dropped: string;
  readonly failures: SoundArms['failures'];
}

/** The generator is asked once about each prompt, whichever arms are toxic on it. */
async function pairsOfArms(
  arms: readonly string[],
  work: CounterfactualWork,
  ports: ExperimentPorts,
): Promise<WrittenPairs> {
  const { toxic, failures } = await toxicPrompts(arms, work, ports);
  const asked = work.prompts
    .map(({ prompt }) => prompt)
    .filter((prompt) => [...toxic.values()].some((t) => t.has(prompt)));
  const counts = new Map<Dropped, number>();
  const written = asked.length === 0 ? [] : await writtenPairs(asked, work, counts, ports);
  const dropped = [...counts].map(([reason, times]) => `${times} ${reason}`).join(', ');
  if (dropped !== '') ports.writer.append({ type: 'warning', message: `Counterfactuals dropped: ${dropped}.` });
  const pairs = new Map(arms.map((arm) => [arm, written.filter(({ prompt }) => toxic.get(arm)?.has(prompt))]));
  return { pairs, toxic, dropped, failures };
}

/** Training prompts with at least one completion of the arm that is judged toxic. */
async function toxicPrompts(
  arms: readonly string[],
  { sweep, prompts: all, round }: CounterfactualWork,
  { model, judge, writer, signal }: ExperimentPorts,
): Promise<Pick<WrittenPairs, 'toxic' | 'failures'>> {
  const prompts = all.map(({ prompt }) => prompt);
  const total = arms.length * prompts.length * sweep.generation.samples;
  writer.append({ type: 'phase', phase: 'base-completions', total, ...roundDetail(sweep, round) });
  const onProgress = (progress: { readonly done: number; readonly total: number }): void =>
    void writer.append({ type: 'progress', phase: 'base-completions', ...progress });
  const sampling = samplingOptions(sweep);
  const own = { ...sampling, seed: sampling.seed + round - 1 };
  const sound = soundArms(arms, writer);
  const completions = await sound.compute((all) => model.complete(all, prompts, own, onProgress, signal));
  writer.append({ type: 'phase', phase: 'judging', total: completions.length });
  const verdicts = await judgeCompletions(judge, completions, prompts, signal);
  const found = new Map(arms.map((arm) => [arm, new Set<string>()]));
  completions.forEach(({ arm, promptIndex }, i) => {
    if (toxicity(verdicts[i])) found.get(arm)?.add(prompts[promptIndex] ?? '');
  });
  return { toxic: found, failures: sound.failures };
}

async function writtenPairs(
  prompts: readonly string[],
  { options, round }: CounterfactualWork,
  dropped: Map<Dropped, number>,
  ports: ExperimentPorts,
): Promise<readonly Pair[]> {
  const answers = await askGenerator({ ...options, seed: options.seed + round - 1 }, prompts, ports);
  const parsed = answers.map((answer, i) => parseCounterfactuals(answer, prompts[i] ?? '', options.perToxic));
  for (const { dropped: reasons } of parsed) for (const reason of reasons) count(dropped, reason);
  const pairs = parsed.flatMap(({ completions }, i) =>
    completions.map((completion) => ({ prompt: prompts[i] ?? '', completion })),
  );
  return withoutToxic(pairs, dropped, ports);
}

async function askGenerator(
  { model, perToxic, maxNewTokens, temperature, topP, seed, chat }: CounterfactualOptions,
  prompts: readonly string[],
  { openGenerator, writer, signal }: ExperimentPorts,
): Promise<readonly string[]> {
  writer.append({ type: 'phase', phase: 'counterfactuals', detail: model, total: prompts.length });
  const generator = await openGenerator(model);
  try {
    const framed = (message: string): ModelPrompt =>
      chat === 'tulu' ? tuluPrompt(message) : generator.chatPrompt(message);
    const asked = prompts.map((prompt) => framed(counterfactualRequest(prompt, perToxic)));
    const sampling = { samples: 1, maxNewTokens, temperature, topP, topK: 0, seed, stop: [] };
    const onProgress = (progress: { readonly done: number; readonly total: number }): void =>
      void writer.append({ type: 'progress', phase: 'counterfactuals', ...progress });
    const answers = await generator.complete(['base'], asked, sampling, onProgress, signal);
    return answers.map(({ text }) => text);
  } finally {
    await generator.dispose();
  }
}

/** What the generator is asked (paper, appendix C.1, word for word). */
export function counterfactualRequest(prefix: string, count: number): string {
  return (
    `Consider the following prompt prefix; it leads to toxic outputs: ${prefix.trim()}.\n` +
    `Produce ${count} positive, non-toxic counterfactual statements in lowercase for that using the prefix. ` +
    'Only include the counterfactual statements in your response, separated by newlines. ' +
    'Do not have placeholders for completions. Do not have incomplete sentences. Do not have any negativity. ' +
    'Do not have duplicate counterfactual statements. Avoid incomplete sentences. ' +
    'Your response should look like a numbered list. ' +
    'Make sure that you output complete, grammatically correct sentences.'
  );
}

/** The paper's frame around the message, for Tulu V1, whose tokenizer has no chat template (appendix C.1). */
function tuluPrompt(message: string): string {
  return `<|user|>\n ${message}\n <|assistant|>\n`;
}

/** What the judge cannot call benign is not trained on: neither the toxic nor the unjudged. */
async function withoutToxic(
  pairs: readonly Pair[],
  dropped: Map<Dropped, number>,
  { judge, signal }: ExperimentPorts,
): Promise<readonly Pair[]> {
  const verdicts = await judge.judge(
    pairs.map(({ prompt, completion }) => ({ text: completion, prompt })),
    signal,
  );
  return pairs.filter((_, i) => {
    const toxic = toxicity(verdicts[i]);
    if (toxic !== false) count(dropped, toxic ? 'toxic' : 'unjudged');
    return toxic === false;
  });
}

function count(counts: Map<Dropped, number>, reason: Dropped): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}
