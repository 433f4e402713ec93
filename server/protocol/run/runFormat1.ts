/**
 * Reads run format 1, in which every kind of figure had a shape of its own: what it stored is turned into format 2. Events
 * and arms carry no version; a toxicity that counts the unjudged itself is format 1's, which every arm of it had.
 * Whatever is not format 1 is passed on as it is, for the schemas of run.ts to take or refuse.
 */
type Loose = Readonly<Record<string, unknown>>;

/** `metrics.json`. */
export function currentRunMetrics(value: unknown): unknown {
  if (!isObject(value) || value.version !== 1) return value;
  const { arms, rounds, classification } = value;
  return {
    ...value,
    version: 2,
    ...(Array.isArray(arms) && { arms: arms.map(currentArmMetrics) }),
    ...(Array.isArray(rounds) && { rounds: rounds.map(currentRound) }),
    ...(isObject(classification) && { classification: currentSummary(classification) }),
  };
}

/** An arm's `metrics.json`, and its line of the run's. */
export function currentArmMetrics(value: unknown): unknown {
  if (!isObject(value) || !isFormat1(value.toxicity)) return value;
  const { toxicity, kl, klAll, toxicityVersus, classification, ...rest } = value;
  return {
    ...rest,
    ...currentToxicity(toxicity),
    ...currentDistances({ kl, klAll }),
    ...Object.fromEntries(['honest', 'entropy', 'perplexity'].flatMap((name) => point(name, value[name]))),
    ...(Array.isArray(toxicityVersus) && { toxicityVersus: toxicityVersus.map(currentDifference) }),
    ...(isObject(classification) && { classification: currentResult(classification) }),
  };
}

/** A round of mitigation, in metrics.json and among the stages of a run that has not finished. */
export function currentRound(value: unknown): unknown {
  if (!isObject(value) || !isFormat1(value.toxicity)) return value;
  const { toxicity, kl, ...rest } = value;
  return { ...rest, ...currentToxicity(toxicity), ...currentDistances({ kl }) };
}

/** A line of `events.jsonl`. */
export function currentEvent(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (value.type === 'arm-metrics') return { ...value, metrics: currentArmMetrics(value.metrics) };
  return value.type === 'finished' ? { ...value, metrics: currentRunMetrics(value.metrics) } : value;
}

function isFormat1(toxicity: unknown): toxicity is Loose & { readonly n: number; readonly unjudged: number } {
  return isObject(toxicity) && Number.isFinite(toxicity.n) && Number.isFinite(toxicity.unjudged);
}

/** Where nothing was judged format 1 had no rate; an arm of which nothing was to be judged has no toxicity now. */
function currentToxicity({ rate, low, high, n, unjudged }: Loose): Loose {
  if (rate !== undefined) return { toxicity: { value: rate, ...bounds(low, high), n }, unjudged };
  return unjudged === 0 ? {} : { toxicity: { unmeasured: 'no completion could be judged' }, unjudged };
}

function bounds(low: unknown, high: unknown): Loose {
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}

function currentDistances(distances: Loose): Loose {
  return Object.fromEntries(
    Object.entries(distances).flatMap(([name, own]) => {
      if (!isObject(own)) return own === undefined ? [] : [[name, own]];
      const { mean, ...rest } = own;
      return [[name, { value: mean, ...rest }]];
    }),
  );
}

function point(name: string, value: unknown): readonly (readonly [string, unknown])[] {
  return value === undefined ? [] : [[name, { value }]];
}

function currentDifference(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { reference, difference, low, high, n } = value;
  return { reference, difference: { value: difference, low, high, n } };
}

function currentSummary(summary: Loose): Loose {
  if (!Array.isArray(summary.kinds)) return summary;
  const kinds = summary.kinds.map((kind: unknown) =>
    isObject(kind) && isObject(kind.result) ? { ...kind, result: currentResult(kind.result) } : kind,
  );
  return { ...summary, kinds };
}

/** The calibration error was a bare number. */
function currentResult(result: Loose): Loose {
  if (!Array.isArray(result.calibration)) return result;
  const calibration = result.calibration.map((group: unknown) =>
    isObject(group) && typeof group.error === 'number'
      ? { ...group, error: { value: group.error, n: group.n } }
      : group,
  );
  return { ...result, calibration };
}

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
