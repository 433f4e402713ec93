import { internal } from '../protocol/errors.ts';
import type { JudgeSpec, SingleJudgeSpec } from '../protocol/sweep/judgeSpec.ts';
import { combineJudges } from './combine.ts';
import type { Judge } from './judge/judge.ts';
import { judgeBuilders, type JudgeBuilder, type JudgeModels } from './judgeBuilders.ts';

type Builders = Readonly<Record<string, JudgeBuilder<never>>>;

/**
 * The judge a specification names; its paths are already resolved. Throws what building that judge throws, and
 * `config` for a judge whose models cannot be run here.
 */
export async function createJudge(
  spec: JudgeSpec,
  models: JudgeModels = {},
  builders: Builders = judgeBuilders,
): Promise<Judge> {
  if (spec.kind !== 'combined') return build(spec, models, builders);
  return combineJudges(await createJudges(spec.judges, models, builders), spec);
}

/** Every one of them, or the first failure, told when none is being opened any more: what was opened can then be let go. */
async function createJudges(
  specs: readonly SingleJudgeSpec[],
  models: JudgeModels,
  builders: Builders,
): Promise<Judge[]> {
  const built = await Promise.allSettled(specs.map((one) => build(one, models, builders)));
  return built.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function build(spec: SingleJudgeSpec, models: JudgeModels, builders: Builders): Promise<Judge> {
  const builder = builders[spec.kind];
  if (!builder) throw internal(`There is no builder of judges of kind "${spec.kind}".`);
  // The entry under a specification's own kind takes it: judgeBuilders is typed so.
  return builder(spec as never, models);
}
