import type { HandlerContext, Params, Result } from '../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import type { Judge } from '../../judges/judge/judge.ts';
import type { JudgeKeeper } from '../judges/judgeKeeper.ts';

/** Judges texts and returns the verdicts in order. The judge is kept for the next request. */
export function answerJudge(
  keeper: JudgeKeeper,
  { judge, items }: Params<WorkerContract, 'judge'>,
  { signal }: Pick<HandlerContext<never>, 'signal'>,
): Promise<Result<WorkerContract, 'judge'>> {
  return keeper.use(judge, (built) => answer(built, items, signal));
}

async function answer(
  judge: Judge,
  items: Params<WorkerContract, 'judge'>['items'],
  signal: AbortSignal,
): Promise<Result<WorkerContract, 'judge'>> {
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
