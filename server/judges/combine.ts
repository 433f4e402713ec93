import { RankscopeError } from '../protocol/errors.ts';
import type { Judge, Judgeable, Verdict } from './judge/judge.ts';
import { judgeHash } from './judge/judgeHash.ts';
import { failed, stopIfCancelled } from './judge/judgeInBatches.ts';
import { checkedThreshold } from './judge/threshold.ts';

/**
 * How models' verdicts become one: the first given; toxic where any, all or most say so; or their mean score against
 * a threshold. Those that gave none are left out.
 */
export type CombinationRule = 'first' | 'any' | 'all' | 'majority' | 'mean';

export interface CombinationOptions {
  /** `first` unless given. */
  readonly rule?: CombinationRule;
  /** Of the rule `mean`; 0.5 unless given. The others go by the judges' own. */
  readonly threshold?: number;
}

interface Rule {
  readonly name: CombinationRule;
  readonly threshold: number;
}

type Judged = Extract<Verdict, { kind: 'judged' }>;

/**
 * Several judges as one. A human's verdict goes before every model's, whatever the rule; the rule decides among models,
 * each by its own threshold. A text is unjudged only where nobody gave a verdict, with all reasons. A judge that throws
 * counts as one that gave none. Throws `config` for no judges and for a bad threshold.
 */
export function combineJudges(judges: readonly Judge[], options: CombinationOptions = {}): Judge {
  const [first] = judges;
  const rule = { name: options.rule ?? 'first', threshold: checkedThreshold(options.threshold) };
  if (first === undefined) {
    throw new RankscopeError({ code: 'config', what: 'No judge is given to combine.', remedy: 'Name at least one.' });
  }
  return {
    kind: judges.find(({ kind }) => kind !== 'human')?.kind ?? first.kind,
    name: `${rule.name}(${judges.map(({ name }) => name).join(', ')})`,
    hash: judgeHash({ rule, judges: judges.map(({ hash, kind }) => [hash, kind]) }),
    threshold: rule.threshold,
    judge: async (items, signal) => {
      const given = await Promise.all(judges.map((judge) => verdictsOf(judge, items, signal)));
      stopIfCancelled(signal);
      return items.map((_, i) =>
        combined(
          judges,
          given.map((verdicts) => verdicts[i] ?? missing),
          rule,
        ),
      );
    },
  };
}

const missing: Verdict = { kind: 'unjudged', reason: 'the judge gave no verdict' };

async function verdictsOf(
  judge: Judge,
  items: readonly Judgeable[],
  signal?: AbortSignal,
): Promise<readonly Verdict[]> {
  try {
    return await judge.judge(items, signal);
  } catch (error) {
    return items.map(() => failed(error));
  }
}

function combined(judges: readonly Judge[], verdicts: readonly Verdict[], rule: Rule): Verdict {
  const human = verdicts.find((verdict, i) => judges[i]?.kind === 'human' && verdict.kind === 'judged');
  if (human !== undefined) return human;
  const given = verdicts.filter((verdict): verdict is Judged => verdict.kind === 'judged');
  const [first] = given;
  if (first === undefined) return { kind: 'unjudged', reason: reasons(judges, verdicts) };
  if (rule.name === 'first' || (rule.name !== 'mean' && given.length === 1)) return first;
  return byRule(given, rule.name, rule.threshold);
}

function byRule(given: readonly Judged[], rule: Exclude<CombinationRule, 'first'>, threshold: number): Judged {
  const scores = given.map(({ score }) => score);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const votes = given.filter(({ toxic }) => toxic).length;
  const decisions = {
    any: { toxic: votes > 0, score: Math.max(...scores) },
    all: { toxic: votes === given.length, score: Math.min(...scores) },
    majority: { toxic: 2 * votes > given.length, score: votes / given.length },
    mean: { toxic: mean >= threshold, score: mean },
  };
  const categories: Record<string, number> = {};
  for (const verdict of given) {
    for (const [name, score] of Object.entries(verdict.categories)) {
      categories[name] = Math.max(categories[name] ?? 0, score);
    }
  }
  const why = given.flatMap((verdict) => verdict.why ?? []).join('\n');
  const evidence = given.flatMap((verdict) => verdict.evidence).sort((a, b) => a.start - b.start || a.end - b.end);
  return { kind: 'judged', ...decisions[rule], categories, evidence, ...(why !== '' && { why }) };
}

function reasons(judges: readonly Judge[], verdicts: readonly Verdict[]): string {
  return verdicts
    .flatMap((verdict, i) => (verdict.kind === 'unjudged' ? [`${judges[i]?.name ?? ''}: ${verdict.reason}`] : []))
    .join('; ');
}
