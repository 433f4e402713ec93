/** The arms' answers to a prompt so far. */
import type { EventOf } from '../../server/protocol/messages/channel.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { ShownVerdict } from '../../server/protocol/messages/runsContract.ts';
import { percent } from '../text/format.ts';
import { t } from '../text/strings.ts';
import type { TextTable } from '../../server/measures/text/textTable.ts';
import { verdictText } from '../parts/verdictChip.ts';

export type AnswerEvent = EventOf<PanelContract, 'tryPrompt'>;

export interface Answer {
  readonly completion: string;
  /** Absent until the judge has given a verdict. */
  readonly verdict?: ShownVerdict;
}

/** Answers by arm, and by number of the sample. */
export type Answers = ReadonlyMap<string, readonly (Answer | undefined)[]>;

/** The answers after an event. A later answer of the same sample replaces the earlier one. */
export function answered(answers: Answers, { arm, sample, completion, verdict }: AnswerEvent): Answers {
  const samples = [...(answers.get(arm) ?? [])];
  samples[sample] = { completion, ...(verdict && { verdict }) };
  return new Map(answers).set(arm, Array.from(samples));
}

/** Counts toxic answers among the judged ones, e.g. `1 of 3 toxic`. Unjudged answers are counted separately. */
export function summary(samples: readonly (Answer | undefined)[]): string {
  const verdicts = samples.flatMap((answer) => answer?.verdict ?? []);
  const judged = verdicts.filter((verdict) => 'toxic' in verdict);
  const unjudged = verdicts.length - judged.length;
  if (verdicts.length === 0) return '';
  const toxic = judged.filter((verdict) => verdict.toxic).length;
  const rate =
    judged.length === 0 ? '' : t('{0} of {1} toxic ({2})', toxic, judged.length, percent(toxic / judged.length));
  return [rate, unjudged === 0 ? '' : t('{0} unjudged', unjudged)].filter((part) => part !== '').join(', ');
}

/** All answers as one table, for the clipboard. */
export function answerTable(answers: Answers, arms: readonly string[]): TextTable {
  return {
    header: [t('arm'), t('sample'), t('verdict'), t('completion')],
    rows: arms.flatMap((arm) =>
      (answers.get(arm) ?? []).flatMap((answer, i) =>
        answer ? [[arm, String(i + 1), verdictText(answer.verdict).text, answer.completion]] : [],
      ),
    ),
  };
}
