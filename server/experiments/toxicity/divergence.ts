/**
 * How far each arm's next-token distribution has moved from the base's (paper section 5, figure 6). The paper's text speaks
 * of "the KL divergence between the original model and" the fine-tuned ones and gives no formula; what is measured here is
 * KL(base || arm), the original model's distribution first.
 */
import { entropy } from '../../metrics/distribution/entropy.ts';
import { isMeasured } from '../../protocol/run/estimate.ts';
import { kl } from '../../metrics/distribution/kl.ts';
import type { ContinuedPrompt, DistributionPort } from '../ports/distributionPort.ts';
import type { ModelPort } from '../ports/modelPort.ts';

/** One prompt of one arm, nats. A field that could not be measured (an infinite divergence) is absent. */
export interface Divergence {
  readonly promptIndex: number;
  /** KL(base || arm) of the token after the prompt; never there for the base itself. */
  readonly kl?: number;
  /** Why `kl`, or the first of `klAt` that is `null`, is no number: the arm excludes what the base allows. */
  readonly klReason?: string;
  /** Of the same distribution of the arm. */
  readonly entropy?: number;
  /** Tokens of the prompt; with `klAt`. */
  readonly promptTokens?: number;
  /**
   * KL(base || arm) after each position of the prompt and of the base's first completion of it, up to the one that the
   * completion's last token follows; `null` where it is infinite. `klAt[promptTokens - 1]` is `kl`.
   */
  readonly klAt?: readonly (number | null)[];
}

/** KL and entropy after every prompt: `[arm][prompt]`, the base first and then `arms`. */
export async function measureDivergence(
  model: Pick<ModelPort, 'nextTokenLogProbabilities'>,
  arms: readonly string[],
  prompts: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly Divergence[])[]> {
  const all = ['base', ...arms];
  const lines = all.map((): Divergence[] => []);
  const visit = (promptIndex: number, rows: readonly Float32Array[]): void => {
    const base = rows[0] ?? new Float32Array();
    lines.forEach((ofArm, arm) => ofArm.push(divergence(promptIndex, base, rows[arm] ?? new Float32Array(), arm > 0)));
  };
  await model.nextTokenLogProbabilities(all, prompts, visit, signal);
  return lines;
}

/** The same, with the divergence at every position of the texts besides. */
export async function measureAllPositions(
  model: DistributionPort,
  arms: readonly string[],
  texts: readonly ContinuedPrompt[],
  signal: AbortSignal,
): Promise<readonly (readonly Divergence[])[]> {
  const all = ['base', ...arms];
  const next = all.map((): Divergence[] => []);
  const at = all.map(() => texts.map((): (number | null)[] => []));
  const reasons = all.map(() => new Map<number, string>());
  const promptTokens = texts.map(() => 0);
  await model.positionLogProbabilities(
    all,
    texts,
    (place, rows) => {
      const base = rows[0] ?? new Float32Array();
      promptTokens[place.text] = place.promptTokens;
      all.forEach((_, arm) => {
        const row = rows[arm] ?? new Float32Array();
        if (place.position === place.promptTokens - 1) next[arm]?.push(divergence(place.text, base, row, arm > 0));
        if (arm === 0) return;
        const distance = kl(base, row);
        at[arm]?.[place.text]?.push(finite(distance));
        const known = reasons[arm]?.get(place.text);
        if (!isMeasured(distance)) reasons[arm]?.set(place.text, known ?? distance.unmeasured);
      });
    },
    signal,
  );
  return next.map((lines, arm) =>
    arm === 0
      ? lines
      : lines.map((line) => ({
          ...line,
          ...reasonOf(reasons[arm]?.get(line.promptIndex)),
          promptTokens: promptTokens[line.promptIndex] ?? 0,
          klAt: at[arm]?.[line.promptIndex] ?? [],
        })),
  );
}

function reasonOf(klReason: string | undefined): Pick<Divergence, 'klReason'> {
  return klReason === undefined ? {} : { klReason };
}

/** Seven digits, of more than which a distribution of float32 has none. */
function finite(distance: ReturnType<typeof kl>): number | null {
  return isMeasured(distance) ? Number(distance.toPrecision(7)) : null;
}

function divergence(promptIndex: number, base: Float32Array, row: Float32Array, hasReference: boolean): Divergence {
  const distance = hasReference ? kl(base, row) : undefined;
  const uncertainty = entropy(row);
  return {
    promptIndex,
    ...(distance !== undefined && (isMeasured(distance) ? { kl: distance } : { klReason: distance.unmeasured })),
    ...(isMeasured(uncertainty) && { entropy: uncertainty }),
  };
}

/** Mean of what was measured; undefined where nothing was. */
export function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const measured = values.filter((value) => value !== undefined);
  if (measured.length === 0) return undefined;
  return measured.reduce((total, value) => total + value, 0) / measured.length;
}
