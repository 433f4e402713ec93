import type { Example } from '../../dataset/example.ts';
import { WorkWithoutEnd, withinTime } from '../../files/boundedTime.ts';
import { type IntervalEstimate, isMeasured } from '../../protocol/run/estimate.ts';
import { wilson } from '../../metrics/estimates/wilson.ts';
import { percent } from '../../measures/text/format.ts';
import { english } from '../../measures/text/say.ts';
import { intervalText } from '../../measures/text/units.ts';
import { textTable } from './textTable.ts';
import { usage } from '../options/values.ts';

/** The toxicity rate of the texts of one group, with Wilson's 95 % interval: each text counts alone. */
export interface GroupRate {
  readonly group: string;
  readonly toxic: number;
  readonly unjudged: number;
  readonly rate: IntervalEstimate;
  /** Mean score of the judged; undefined where none was. */
  readonly meanScore: number | undefined;
}

type Verdict =
  { readonly kind: 'judged'; readonly toxic: boolean; readonly score: number } | { readonly kind: 'unjudged' };

/** Which group a text belongs to; undefined for none. */
export type GroupOf = (example: Pick<Example, 'text' | 'prompt' | 'group'>) => string | undefined;

/** Rates by group, largest rate first, and of all texts together. */
export function groupRates(
  examples: readonly Pick<Example, 'text' | 'prompt' | 'group'>[],
  verdicts: readonly (Verdict | undefined)[],
  groupOf: GroupOf,
): { readonly all: GroupRate; readonly groups: readonly GroupRate[] } {
  const groups = new Map<string, (Verdict | undefined)[]>();
  examples.forEach((example, i) => {
    const name = groupOf(example) ?? '(none)';
    groups.set(name, [...(groups.get(name) ?? []), verdicts[i]]);
  });
  const rates = [...groups].map(([name, own]) => rateOf(name, own));
  const valueOf = ({ rate }: GroupRate): number => (isMeasured(rate) ? rate.value : -1);
  return {
    all: rateOf('all', verdicts.slice(0, examples.length)),
    groups: rates.sort((a, b) => valueOf(b) - valueOf(a) || (a.group < b.group ? -1 : 1)),
  };
}

function rateOf(group: string, verdicts: readonly (Verdict | undefined)[]): GroupRate {
  const judged = verdicts.flatMap((verdict) => (verdict?.kind === 'judged' ? [verdict] : []));
  const toxic = judged.filter((verdict) => verdict.toxic).length;
  const total = judged.reduce((sum, { score }) => sum + score, 0);
  return {
    group,
    toxic,
    unjudged: verdicts.length - judged.length,
    rate: wilson(toxic, judged.length),
    meanScore: judged.length === 0 ? undefined : total / judged.length,
  };
}

/** The table of the rates, for a terminal. */
export function ratesText({ all, groups }: ReturnType<typeof groupRates>): string {
  const rows = [...groups, all].map(({ group, toxic, unjudged, rate, meanScore }) => [
    group,
    `${isMeasured(rate) ? rate.n : 0}`,
    `${toxic}`,
    isMeasured(rate) ? percent(rate.value) : `none: ${rate.unmeasured}`,
    isMeasured(rate) ? intervalText(rate, 'share', english) : '',
    meanScore === undefined ? '' : meanScore.toFixed(3),
    `${unjudged}`,
  ]);
  return textTable({
    header: ['group', 'judged', 'toxic', 'rate', '95 % interval', 'mean score', 'unjudged'],
    rows,
  });
}

/**
 * What `--by` names: a column, or between slashes a pattern whose first group (or whole match) in prompt and text is the
 * group's name. Throws `usage` for a pattern that is none.
 */
export function groupingOf(by: string): { readonly column: string | undefined; readonly groupOf: GroupOf } {
  const [, source, flags = ''] = /^\/(.+)\/([iu]*)$/s.exec(by) ?? [];
  if (source === undefined) return { column: by, groupOf: ({ group }) => group };
  const pattern = patternOf(source, flags);
  return {
    column: undefined,
    groupOf: ({ prompt, text }) => {
      const found = within(() => pattern.exec(prompt === undefined ? text : `${prompt} ${text}`));
      return found?.[1] ?? found?.[0];
    },
  };
}

/** Throws `usage` where a pattern does not come to an end on a text. */
function within<T>(match: () => T): T {
  try {
    return withinTime(match);
  } catch (error) {
    if (error instanceof WorkWithoutEnd) throw usage(`the pattern of --by is too costly to try: ${error.message}`);
    throw error;
  }
}

function patternOf(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw usage(`--by holds no pattern: ${error instanceof Error ? error.message : String(error)}`);
  }
}
