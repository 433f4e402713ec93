import type { Measured, RuleResult } from '../protocol/classificationRun.ts';
import type { ArmMetrics } from '../protocol/run.ts';

type Cell = string | number | undefined;

/** Columns of one row an arm, after `id`; differences from each reference follow, three columns a reference. */
const columns: readonly (readonly [name: string, value: (arm: ArmMetrics) => Cell])[] = [
  ['method', (arm) => arm.method],
  ['rank', (arm) => arm.rank],
  ['seed', (arm) => arm.seed],
  ['learning_rate', (arm) => arm.learningRate],
  ['trainable_parameters', (arm) => arm.trainableParameters],
  ['toxicity_rate', (arm) => arm.toxicity.rate],
  ['toxicity_low', (arm) => arm.toxicity.low],
  ['toxicity_high', (arm) => arm.toxicity.high],
  ['judged', (arm) => arm.toxicity.n],
  ['unjudged', (arm) => arm.toxicity.unjudged],
  ['honest', (arm) => arm.honest],
  ['kl_mean_nats', (arm) => arm.kl?.mean],
  ['kl_low', (arm) => arm.kl?.low],
  ['kl_high', (arm) => arm.kl?.high],
  ['kl_prompts', (arm) => arm.kl?.n],
  ['entropy_nats', (arm) => arm.entropy],
  ['perplexity', (arm) => arm.perplexity],
  ['final_loss_nats', (arm) => arm.finalLoss],
  ['train_tokens_per_second', (arm) => arm.trainTokensPerSecond],
  ['peak_memory_bytes', (arm) => arm.peakMemoryBytes],
  ['failure', (arm) => arm.failure],
];

/** Columns of each rule by which a classification run's decisions were read, after the rule's name. */
const classificationColumns: readonly (readonly [name: string, value: (result: RuleResult) => Measured])[] = [
  ['accuracy', (result) => result.accuracy],
  ['accuracy_parity_points', (result) => result.accuracyParity],
  ['worst_group_error_points', (result) => result.worstGroupError],
];

function valueOf(measured: Measured): number | undefined {
  return 'unmeasured' in measured ? undefined : measured.value;
}

/**
 * The metrics of a run's arms as CSV (RFC 4180, a header, an arm a row). What was not measured is an empty cell. Texts
 * that a spreadsheet would take for a formula are quoted with an apostrophe in front.
 */
export function metricsCsv(arms: readonly ArmMetrics[]): string {
  const references = [...new Set(arms.flatMap((arm) => arm.toxicityVersus?.map(({ reference }) => reference) ?? []))];
  const rules = [...new Set(arms.flatMap((arm) => arm.classification?.rules.map(({ rule }) => rule) ?? []))];
  const header = [
    'arm',
    ...columns.map(([name]) => name),
    ...(rules.length > 0 ? ['minority'] : []),
    ...rules.flatMap((rule) => classificationColumns.map(([name]) => `${rule}_${name}`)),
    ...references.flatMap((id) => [`toxicity_minus_${id}`, `toxicity_minus_${id}_low`, `toxicity_minus_${id}_high`]),
  ];
  const rows = arms.map((arm) => [
    arm.id,
    ...columns.map(([, value]) => value(arm)),
    ...(rules.length > 0 ? [arm.minority] : []),
    ...rules.flatMap((rule) => {
      const result = arm.classification?.rules.find((own) => own.rule === rule);
      return classificationColumns.map(([, value]) => result && valueOf(value(result)));
    }),
    ...references.flatMap((id) => {
      const versus = arm.toxicityVersus?.find(({ reference }) => reference === id);
      return [versus?.difference, versus?.low, versus?.high];
    }),
  ]);
  return [header, ...rows].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
