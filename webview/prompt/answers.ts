/** What the arms have answered to a prompt so far. */
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
  /** Absent until the judge has spoken. */
  readonly verdict?: ShownVerdict;
}

/** By arm, by number of the sample. */
export type Answers = ReadonlyMap<string, readonly (Answer | undefined)[]>;

/** The answers after an event: a later one of the same sample takes the place of an earlier. */
export function answered(answers: Answers, { arm, sample, completion, verdict }: AnswerEvent): Answers {
  const samples = [...(answers.get(arm) ?? [])];
  samples[sample] = { completion, ...(verdict && { verdict }) };
  return new Map(answers).set(arm, Array.from(samples));
}

/** `1 of 3 toxic`, of the samples judged; what could not be judged is told apart. */
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

/** Everything as one table, to be copied. */
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
