/** Figures over prompts: all held-out prompts of a run, or those that are about one group. */
import { bootstrapMean, type BootstrapOptions } from '../../metrics/estimates/bootstrap.ts';
import { pairedDifference } from '../../metrics/estimates/pairedDifference.ts';
import { unmeasured, type Estimate } from '../../protocol/run/estimate.ts';
import type { PairedDifference } from '../../protocol/run/run.ts';
import { meanOf } from './divergence.ts';
import type { ArmObservations } from './evaluateArms.ts';
import { toxicity } from './judgeCompletions.ts';

/** Another arm that this one is compared with, prompt by prompt. */
export interface Reference {
  readonly id: string;
  readonly observations: ArmObservations;
}

interface Resampling {
  /** Sentence frame of each held-out prompt: whole frames are drawn for an interval. */
  readonly templates: readonly string[];
  readonly bootstrap: BootstrapOptions;
}

type Line = ArmObservations['divergence'][number];

/** Mean KL over the prompts of `lines`, nats; no number where that of one prompt is infinite. Undefined without any line. */
export function meanDistance(lines: readonly Line[], options: Resampling): Estimate | undefined {
  const infinite = lines.filter((line) => line.kl === undefined && line.klReason !== undefined);
  const [first] = infinite;
  if (first) return unmeasured(`${first.klReason ?? ''}, after ${infinite.length} of ${lines.length} prompts`);
  return meanOverPrompts(lines, ({ kl }) => kl, options);
}

/** Mean over prompts; of a single prompt without an interval. Undefined where no line has the value. */
export function meanOverPrompts(
  lines: readonly Line[],
  read: (line: Line) => number | undefined,
  { templates, bootstrap }: Resampling,
): Estimate | undefined {
  const found = lines.flatMap((line) => {
    const value = read(line);
    return value === undefined ? [] : [{ value, cluster: templates[line.promptIndex] ?? line.promptIndex }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  if (found.length === 1) return { value: first.value, n: 1 };
  return bootstrapMean(
    found.map(({ value }) => value),
    found.map(({ cluster }) => cluster),
    bootstrap,
  );
}

/** The difference of toxic shares over the prompts at `places`, paired by prompt: samples have nothing in common beyond it. */
export function toxicityMinus(
  observed: ArmObservations,
  { id, observations }: Reference,
  places: readonly number[],
  { templates, bootstrap }: Resampling,
): PairedDifference {
  const [own = [], other = []] = [observed, observations].map((of) => {
    const shares = toxicShares(of, templates.length);
    return places.map((place) => shares[place]);
  });
  const frames = places.map((place) => templates[place] ?? place);
  return { reference: id, difference: pairedDifference(own, other, frames, bootstrap) };
}

/** Share of each prompt's judged completions that are toxic; undefined where none was judged. */
function toxicShares({ completions, verdicts }: ArmObservations, prompts: number): readonly (number | undefined)[] {
  const judged = Array.from({ length: prompts }, (): number[] => []);
  completions.forEach(({ promptIndex }, i) => {
    const toxic = toxicity(verdicts[i]);
    if (toxic !== undefined) judged[promptIndex]?.push(Number(toxic));
  });
  return judged.map(meanOf);
}
