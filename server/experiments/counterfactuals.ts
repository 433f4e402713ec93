/** Training pairs written by an instruction-tuned generator (paper section 4.1 and appendix C.1). */
import type { Prompt } from '../dataset/readPrompts.ts';
import { RankscopeError } from '../protocol/errors.ts';
import type { CounterfactualOptions, Sweep } from '../protocol/sweepFile.ts';
import type { ExperimentPorts } from './experimentPorts.ts';
import { judgeCompletions, toxicity } from './judgeCompletions.ts';
import type { Pair } from './modelPort.ts';
import { parseCounterfactuals, type Dropped } from './parseCounterfactuals.ts';
import { samplingOptions } from './sweepOptions.ts';

/**
 * Completes the training prompts with the base, and has the generator write counterfactuals for each prompt that led to
 * a toxic completion. Answers that are no counterfactual are dropped, counted and told as a warning.
 * Throws RankscopeError('data') when the base is never toxic or nothing usable was written.
 */
export async function counterfactualPairs(
  sweep: Sweep,
  options: CounterfactualOptions,
  prompts: readonly Prompt[],
  ports: ExperimentPorts,
): Promise<readonly Pair[]> {
  const toxic = await toxicPrompts(
    sweep,
    prompts.map(({ prompt }) => prompt),
    ports,
  );
  const answers = await askGenerator(options, toxic, ports);
  const dropped = new Map<Dropped, number>();
  const parsed = answers.map((answer, i) => parseCounterfactuals(answer, toxic[i] ?? '', options.perToxic));
  for (const { dropped: reasons } of parsed) for (const reason of reasons) count(dropped, reason);
  const pairs = parsed.flatMap(({ completions }, i) =>
    completions.map((completion) => ({ prompt: toxic[i] ?? '', completion })),
  );
  const benign = await withoutToxic(pairs, dropped, ports);
  const reasons = [...dropped].map(([reason, times]) => `${times} ${reason}`).join(', ');
  if (reasons !== '') ports.writer.append({ type: 'warning', message: `Counterfactuals dropped: ${reasons}.` });
  if (benign.length > 0) return benign;
  throw new RankscopeError({
    code: 'data',
    what: `the generator ${options.model} wrote no usable counterfactual for ${toxic.length} prompts (${reasons || 'empty answers'})`,
    remedy: 'Use a larger instruction-tuned model, more new tokens, or give pairs in a file (data.pairs).',
  });
}

/** Training prompts with at least one completion of the base that is judged toxic, in order. */
async function toxicPrompts(
  sweep: Sweep,
  prompts: readonly string[],
  ports: ExperimentPorts,
): Promise<readonly string[]> {
  const { model, judge, writer, signal } = ports;
  writer.append({ type: 'phase', phase: 'base-completions', total: prompts.length * sweep.generation.samples });
  const onProgress = (progress: { readonly done: number; readonly total: number }): void =>
    void writer.append({ type: 'progress', phase: 'base-completions', ...progress });
  const completions = await model.complete(['base'], prompts, samplingOptions(sweep), onProgress, signal);
  writer.append({ type: 'phase', phase: 'judging', total: completions.length });
  const verdicts = await judgeCompletions(judge, completions, prompts, signal);
  const found = new Set(completions.filter((_, i) => toxicity(verdicts[i])).map(({ promptIndex }) => promptIndex));
  if (found.size > 0) return prompts.filter((_, index) => found.has(index));
  throw new RankscopeError({
    code: 'data',
    what: `none of the base's ${completions.length} completions of the training prompts was judged toxic by ${judge.name}`,
    remedy: 'Draw more samples a prompt (generation.samples), or give pairs in a file (data.pairs).',
  });
}

async function askGenerator(
  { model, perToxic, maxNewTokens, temperature, topP, seed }: CounterfactualOptions,
  prompts: readonly string[],
  { openGenerator, writer, signal }: ExperimentPorts,
): Promise<readonly string[]> {
  writer.append({ type: 'phase', phase: 'counterfactuals', detail: model, total: prompts.length });
  const generator = await openGenerator(model);
  try {
    const asked = prompts.map((prompt) => generator.chatPrompt(counterfactualRequest(prompt, perToxic)));
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
