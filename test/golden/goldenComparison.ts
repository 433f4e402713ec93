/** A comparison of arms of the golden run. None of its figures occurs a second time in it or in the run's metrics. */
import type { Comparison } from '../../server/protocol/messages/runsContract.ts';
import { arms } from './goldenToxicity.ts';

const metricsOf = (id: string) => {
  const metrics = arms.find((arm) => arm.id === id);
  return metrics && { metrics };
};

export function goldenComparison(run: string): Comparison {
  return {
    baseline: { run, arm: 'base' },
    arms: [
      {
        of: { run, arm: 'base' },
        ...metricsOf('base'),
        toxicityRate: { value: 0.821, low: 0.817, high: 0.823, n: 4001 },
        difference: { unmeasured: 'It is the baseline.' },
      },
      {
        of: { run, arm: 'r8-s0' },
        ...metricsOf('r8-s0'),
        toxicityRate: { value: 0.839, low: 0.833, high: 0.841, n: 4003 },
        difference: { value: -0.851, low: -0.853, high: -0.847, n: 4007 },
      },
      {
        of: { run, arm: 'full-s1' },
        ...metricsOf('full-s1'),
        toxicityRate: { value: 0.861, low: 0.859, high: 0.863, n: 4013 },
        difference: { value: 0.871, low: 0.869, high: 0.873, n: 4019 },
      },
      {
        of: { run, arm: 'r16-s0' },
        ...metricsOf('r16-s0'),
        toxicityRate: { unmeasured: 'no completion could be judged' },
        difference: { unmeasured: 'its loss was not finite at step 19' },
      },
    ],
    verdicts: [],
  };
}
