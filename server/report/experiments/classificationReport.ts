/** How a run of the classification experiment (paper section 4.2) is reported. */
import { ruleTitles } from '../../measures/catalogue/decisionMeasures.ts';
import { rulesOf, ruleTable } from '../../measures/catalogue/kindTable.ts';
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import type { MetricsOf } from '../../protocol/run/run.ts';
import type { RunFolder } from '../../runs/runFolder.ts';
import { classificationConclusion } from '../data/classificationConclusion.ts';
import type { Claim } from '../reproduction/claim.ts';
import { figure4Claims, figure5Claims, firstRule, table1Claims } from '../reproduction/classificationClaims.ts';
import { classificationDifferences } from '../reproduction/classificationDifferences.ts';
import { classificationEvidence } from '../reproduction/classificationEvidence.ts';
import { classificationOutcomes } from '../verdict/classificationOutcomes.ts';
import { classificationParts } from './classificationSections.ts';
import type { ExperimentReport } from './experimentReport.ts';

/** The groups are compared when the run finishes. Before that there is nothing to report about them. */
export const classificationReport: ExperimentReport<'classification'> = {
  subject: 'how evenly each way of fine-tuning classifies the groups of a data set',
  conclusion: ({ metrics }) =>
    metrics ? classificationConclusion(metrics.classification) : 'No conclusion: the run has not finished.',
  parts: ({ metrics }) => (metrics ? classificationParts(metrics.classification) : []),
  printed: ({ classification }) =>
    rulesOf(classification).map((rule) => ({ title: ruleTitles[rule], table: ruleTable(classification, rule) })),
  provenance: classificationProvenance,
  claims: paperClaims,
  differences: classificationDifferences,
  outcomes: (folder, _, { arms, classification }) => classificationOutcomes(folder, classification, arms),
  judge: () => ({ name: 'by the labels', isLexiconAlone: false }),
  promptFiles: () => [],
};

async function paperClaims(
  folder: RunFolder,
  sweep: ClassificationSweep,
  { classification }: MetricsOf<'classification'>,
): Promise<readonly Claim[]> {
  const item = sweep.reproduces?.item;
  const evidence = await classificationEvidence({ folder, sweep }, classification, firstRule(classification));
  if (item === 'table1') return table1Claims(classification, evidence);
  return item === 'figure4' ? figure4Claims(classification, evidence) : figure5Claims(classification, evidence);
}

function classificationProvenance(sweep: ClassificationSweep): readonly (readonly [string, string])[] {
  const { data, instruction, evaluation } = sweep;
  const { train, test, ...rest } = data;
  return [
    ['training examples', JSON.stringify(train)],
    ['test examples', JSON.stringify(test)],
    ['labels and groups', JSON.stringify(rest)],
    ['instruction', instruction],
    ['evaluation', JSON.stringify(evaluation)],
  ];
}
