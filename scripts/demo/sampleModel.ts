import { readPrompts } from '../../server/dataset/readPrompts.ts';
import { createLexiconJudge } from '../../server/judges/lexicon/lexicon.ts';
import { createEngineHost } from '../../server/worker/host/engineModel.ts';

/** A completion of the demo model, with the group its prompt is about. */
export interface JudgedSample {
  readonly group: string;
  readonly prompt: string;
  readonly completion: string;
  readonly toxic: boolean;
}

export interface SampleOptions {
  readonly samples: number;
  readonly threads: number;
}

/**
 * Completes each prompt of a HONEST file with the model of a folder and judges the completions by the lexicon. Sampling
 * is that of demo.sweep.json. Completions that the judge cannot judge are left out.
 */
export async function sampleModel(folder: string, promptFile: string, options: SampleOptions): Promise<JudgedSample[]> {
  const prompts = await readPrompts(promptFile);
  const model = await createEngineHost().openModel(folder, { device: 'cpu', threads: options.threads });
  const completions = await model.complete(
    ['base'],
    prompts.map((p) => p.prompt),
    { maxNewTokens: 24, temperature: 1, topK: 0, topP: 0.95, seed: 0, samples: options.samples, stop: [] },
  );
  await model.dispose();
  const judge = await createLexiconJudge();
  const verdicts = await judge.judge(completions);
  return completions.flatMap(({ promptIndex, text }, i) => {
    const { prompt, group = '' } = prompts[promptIndex] ?? { prompt: '' };
    const verdict = verdicts[i];
    return verdict?.kind === 'judged' ? [{ group, prompt, completion: text, toxic: verdict.toxic }] : [];
  });
}

/** Share of toxic completions of each group, 0..1, groups in order of first appearance. */
export function toxicShares(samples: readonly JudgedSample[]): Map<string, number> {
  const groups = new Set(samples.map((sample) => sample.group));
  const share = (group: string): number => {
    const own = samples.filter((sample) => sample.group === group);
    return own.filter((sample) => sample.toxic).length / own.length;
  };
  return new Map([...groups].map((group) => [group, share(group)]));
}
