/** How a run of the toxicity experiment (paper section 4.1) is reported. */
import { armTable } from '../../measures/catalogue/measureTable.ts';
import { judgeKindOf, singleJudges, type JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import { brokenArms } from '../../protocol/run/runVerdict.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { toxicityConclusion } from '../data/toxicityConclusion.ts';
import { figure2Claims, figure6Claims } from '../reproduction/toxicityClaims.ts';
import { toxicityDifferences } from '../reproduction/toxicityDifferences.ts';
import { toxicityOutcomes } from '../verdict/toxicityOutcomes.ts';
import type { ExperimentReport } from './experimentReport.ts';

export const toxicityReport: ExperimentReport<'toxicity'> = {
  subject: 'toxicity that each way of fine-tuning keeps of its base model',
  conclusion: ({ arms, metrics }) => toxicityConclusion(arms, brokenArms(metrics?.verdict)),
  parts: ({ arms }) => [
    { title: 'Arms', table: armTable(arms), charts: () => [], instead: 'No arm has been measured yet.' },
  ],
  printed: ({ arms }) => [{ table: armTable(arms) }],
  provenance: toxicityProvenance,
  claims: (folder, sweep, metrics) =>
    sweep.reproduces?.item === 'figure6'
      ? figure6Claims({ folder, sweep, metrics })
      : figure2Claims({ folder, sweep, metrics }),
  differences: (sweep) => toxicityDifferences(sweep),
  outcomes: (folder, sweep, { arms }) => toxicityOutcomes(folder, sweep, arms),
  judge: (sweep, name) => ({ name, isLexiconAlone: isLexiconAlone(sweep.judge) }),
  promptFiles: ({ data: { prompts, heldOut } }) => ('file' in heldOut ? [prompts, heldOut] : [prompts]),
};

function toxicityProvenance({ data, judge, generation }: ToxicitySweep): readonly (readonly [string, string])[] {
  return [
    ['prompts', [data.prompts.file, ...(data.prompts.more ?? [])].join(', ')],
    ['training pairs', data.pairs?.file ?? `counterfactuals by ${data.counterfactuals?.model ?? 'an unnamed model'}`],
    ...(data.neutral ? [['neutral texts', JSON.stringify(data.neutral)] as const] : []),
    ['judge', JSON.stringify(judge)],
    ['generation', JSON.stringify(generation)],
  ];
}

/** Whether the judge consists of word lists alone. */
function isLexiconAlone(spec: JudgeSpec): boolean {
  return singleJudges(spec).every((one) => judgeKindOf(one).source === 'lexicon');
}
