/** How each experiment is reported, by its name. Complete by type over the names of protocol/sweep/experiments.ts. */
import type { ExperimentName } from '../../protocol/sweep/experiments.ts';
import { classificationReport } from './classificationReport.ts';
import type { ExperimentReport } from './experimentReport.ts';
import { toxicityReport } from './toxicityReport.ts';

export const experimentReports: { readonly [E in ExperimentName]: ExperimentReport<E> } = {
  toxicity: toxicityReport,
  classification: classificationReport,
};

/** The report definition for a sweep or for the metrics of a run. The type pairs it with the same experiment. */
export function experimentReportOf({
  experiment,
}: {
  readonly experiment: ExperimentName;
}): ExperimentReport<ExperimentName> {
  return experimentReports[experiment];
}
