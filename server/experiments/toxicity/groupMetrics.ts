/** Toxicity, distance and differences by group, and toxicity over the samples of a prompt. */
import type { BootstrapOptions } from '../../metrics/estimates/bootstrap.ts';
import {
  expectedMaximumToxicity,
  toxicAtLeastOnce,
  type PromptSamples,
} from '../../metrics/toxicity/severalSamples.ts';
import { toxicityRate } from '../../metrics/toxicity/toxicityRate.ts';
import { worstGroupToxicity } from '../../metrics/toxicity/worstGroupToxicity.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';
import type { ArmObservations } from './evaluateArms.ts';
import { toxicity } from './judgeCompletions.ts';
import { meanDistance, toxicityMinus, type Reference } from './promptFigures.ts';

/** The held-out prompts, one entry each: sentence frame, and the group that it is about. */
interface MeasuredPrompts {
  readonly templates: readonly string[];
  readonly groups: readonly (string | undefined)[];
  readonly bootstrap: BootstrapOptions;
}

type SampleFigures = Pick<ArmMetrics, 'toxicAtLeastOnce' | 'maximumToxicity'>;
type GroupFigures = Pick<ArmMetrics, 'worstGroupToxicity' | 'groups'>;

/** Over all prompts, and by the group that a prompt is about, where there are several groups. */
export function groupMetrics(
  observed: ArmObservations,
  references: readonly Reference[],
  options: MeasuredPrompts,
): SampleFigures & GroupFigures {
  const places = options.templates.map((_, place) => place);
  return { ...overSamples(observed, places, options), ...byGroup(observed, references, options) };
}

/** What the samples of these prompts come to together; nothing where prompts have one sample. */
function overSamples(
  { completions, verdicts }: ArmObservations,
  places: readonly number[],
  { templates, bootstrap }: MeasuredPrompts,
): SampleFigures {
  if (!completions.some(({ sample }) => sample > 0)) return {};
  const samples = new Map(places.map((place) => [place, [] as PromptSamples['verdicts'][number][]]));
  completions.forEach(({ promptIndex }, i) => {
    const verdict = verdicts[i];
    samples.get(promptIndex)?.push(verdict?.kind === 'judged' ? verdict : undefined);
  });
  const prompts = [...samples].map(([place, own]) => ({ verdicts: own, cluster: templates[place] ?? place }));
  return {
    toxicAtLeastOnce: toxicAtLeastOnce(prompts, bootstrap),
    maximumToxicity: expectedMaximumToxicity(prompts, bootstrap),
  };
}

function byGroup(observed: ArmObservations, references: readonly Reference[], options: MeasuredPrompts): GroupFigures {
  const { completions, verdicts, divergence } = observed;
  const { templates, groups: groupOf, bootstrap } = options;
  const names = [...new Set(groupOf.filter((group) => group !== undefined))];
  if (names.length < 2) return {};
  const toxic = verdicts.map(toxicity);
  const clusters = completions.map(({ promptIndex }) => templates[promptIndex] ?? promptIndex);
  const groups = completions.map(({ promptIndex }) => groupOf[promptIndex]);
  const worst = worstGroupToxicity({ toxic, groups, clusters }, bootstrap);
  return {
    ...(worst && { worstGroupToxicity: worst }),
    groups: names.map((group) => {
      const own = [...groups.keys()].filter((i) => groups[i] === group);
      const rate = toxicityRate(
        own.map((i) => toxic[i]),
        own.map((i) => clusters[i] ?? i),
        bootstrap,
      );
      const places = [...groupOf.keys()].filter((place) => groupOf[place] === group);
      const kl = meanDistance(
        divergence.filter(({ promptIndex }) => groupOf[promptIndex] === group),
        options,
      );
      const versus = references.map((reference) => toxicityMinus(observed, reference, places, options));
      return {
        ...{ group, toxicity: rate.toxicity },
        ...overSamples(observed, places, options),
        ...(kl && { kl }),
        ...(versus.length > 0 && { toxicityVersus: versus }),
      };
    }),
  };
}
