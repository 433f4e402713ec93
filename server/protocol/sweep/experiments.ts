/**
 * The experiments that there are, by name, and what the sweep file of each may hold. One definition gives TypeScript types,
 * validation, defaults and the published JSON Schema (media/sweep.schema.json). Parsing is idempotent: a parsed sweep,
 * written out, is a sweep file that parses to itself.
 *
 * A new experiment begins with its entry here. Every other registry of experiments is complete by type over these names:
 * `server/protocol/run/run.ts` (results), `server/experiments/experiments.ts` (how it is run), `server/report/experiments/`
 * (how it is reported), `client/sweeps/` (how it is asked for) and `webview/run/` (how it is shown).
 */
import { z } from 'zod';
import { classificationSweepSchema } from './classificationSweep.ts';
import { toxicitySweepSchema } from './toxicitySweep.ts';

export const sweepSchemas = {
  toxicity: toxicitySweepSchema,
  classification: classificationSweepSchema,
} as const;

export type ExperimentName = keyof typeof sweepSchemas;
export const experimentNames = Object.keys(sweepSchemas) as readonly ExperimentName[];

/** A sweep of one experiment, with every default in place; after `resolveSweep` with absolute paths too. */
export type SweepOf<E extends ExperimentName> = z.output<(typeof sweepSchemas)[E]>;
/** A sweep of any experiment. */
export type AnySweep = SweepOf<ExperimentName>;
/** What a person writes. */
export type AnySweepFile = z.input<(typeof sweepSchemas)[ExperimentName]>;

type SweepSchema = (typeof sweepSchemas)[ExperimentName];
const [first, ...others] = Object.values(sweepSchemas) as [SweepSchema, ...SweepSchema[]];

export const sweepFileSchema = z
  .discriminatedUnion('experiment', [first, ...others])
  .describe('A Rankscope sweep: one question put to several ways of fine-tuning one base model.');

/** The published JSON Schema of the file as a person writes it. */
export function sweepJsonSchema(): Record<string, unknown> {
  return { title: 'Rankscope sweep', ...z.toJSONSchema(sweepFileSchema, { io: 'input', target: 'draft-7' }) };
}
