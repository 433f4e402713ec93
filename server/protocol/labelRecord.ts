/** One line of a label file, which several editors and processes may write to at once. */
import { z } from 'zod';

export const labelRecord = z.object({
  content: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256, hex, of the JSON array of prompt (or null) and text: it finds the text wherever it moves.'),
  label: z
    .enum(['toxic', 'benign', 'unsure', 'none'])
    .describe('`none` takes back the latest label of the text that is in force.'),
  author: z.string(),
  time: z.number().min(0).describe('Milliseconds since 1970.'),
  reason: z.string().exactOptional(),
});
export type LabelRecord = Readonly<z.output<typeof labelRecord>>;
