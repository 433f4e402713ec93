/** The section that each experiment adds to the panel of a run, complete by type over their names. */
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import type { RunMetrics } from '../../../server/protocol/run/run.ts';
import type { ArmStyle } from '../../chart/armStyle.ts';
import type { Panel } from '../../page/startPanel.ts';
import { classificationSection } from './classificationSection.ts';
import type { ExperimentSection } from './experimentSection.ts';

/** `undefined` where the table of arms shows everything. */
const experimentSections: {
  readonly [E in ExperimentName]: ((panel: Panel) => ExperimentSection<E>) | undefined;
} = {
  toxicity: undefined,
  classification: classificationSection,
};

export interface ResultParts {
  readonly elements: readonly { readonly element: HTMLElement }[];
  readonly update: (metrics: RunMetrics | undefined, styles: ReadonlyMap<string, ArmStyle>) => void;
}

/** The sections of all experiments. Only the section of the run's own experiment is visible. */
export function resultParts(panel: Panel): ResultParts {
  const names = Object.keys(experimentSections) as ExperimentName[];
  const sections = names.flatMap((name) => {
    const section: ExperimentSection<ExperimentName> | undefined = experimentSections[name]?.(panel);
    return section ? [{ name, section }] : [];
  });
  return {
    elements: sections.map(({ section }) => section),
    update: (metrics, styles) => {
      for (const { name, section } of sections) {
        section.update(metrics?.experiment === name ? metrics : undefined, styles);
      }
    },
  };
}
