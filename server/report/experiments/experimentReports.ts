/** The experiments, by name: how each is reported. Complete by type over the names of protocol/sweep/experiments.ts. */
import type { ExperimentName } from '../../protocol/sweep/experiments.ts';
import { classificationReport } from './classificationReport.ts';
import type { ExperimentReport } from './experimentReport.ts';
import { toxicityReport } from './toxicityReport.ts';

export const experimentReports: { readonly [E in ExperimentName]: ExperimentReport<E> } = {
  toxicity: toxicityReport,
  classification: classificationReport,
};

/** The definition that a sweep or the metrics of a run are of. It takes these, and none of another experiment. */
export function experimentReportOf({
  experiment,
}: {
  readonly experiment: ExperimentName;
}): ExperimentReport<ExperimentName> {
  return experimentReports[experiment];
}
