import type { HandlerContext, Params, Result } from '../protocol/channel.ts';
import type { WorkerContract } from '../protocol/worker.ts';
import { createJudge } from '../judges/createJudge.ts';

/** Verdicts on texts, in order. */
export async function answerJudge(
  { judge: spec, items }: Params<WorkerContract, 'judge'>,
  { signal }: Pick<HandlerContext<never>, 'signal'>,
): Promise<Result<WorkerContract, 'judge'>> {
  const judge = await createJudge(spec);
  const asked = items.map(({ text, prompt }) => ({ text, ...(prompt !== undefined && { prompt }) }));
  const verdicts = await judge.judge(asked, signal);
  return {
    judge: judge.name,
    hash: judge.hash,
    threshold: judge.threshold,
    verdicts: verdicts.map((verdict) =>
      verdict.kind === 'unjudged'
        ? verdict
        : {
            ...verdict,
            categories: { ...verdict.categories },
            evidence: verdict.evidence.map((part) => ({ ...part })),
          },
    ),
  };
}
