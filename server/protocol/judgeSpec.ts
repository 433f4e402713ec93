/** How a judge is named in a sweep file and on the command line. */
import { z } from 'zod';

const lexicon = z.strictObject({
  kind: z.literal('lexicon'),
  hurtLex: z
    .string()
    .min(1)
    .optional()
    .describe('HurtLex TSV to join to the built-in list, relative to the sweep file.'),
});

export const judgeSpec = z.discriminatedUnion('kind', [lexicon]).describe('Who decides what is toxic.');

export type JudgeSpec = z.output<typeof judgeSpec>;

const threshold = z.number().gt(0).max(1).exactOptional();
const path = z.string().min(1);

/** Every judge that may be asked for outside of a sweep; paths are resolved. */
export const anyJudgeSpec = z.discriminatedUnion('kind', [
  lexicon,
  z.strictObject({ kind: z.literal('linear'), model: path.describe('JSON of a bag-of-words model.'), threshold }),
  z.strictObject({
    kind: z.literal('classifier'),
    model: path.describe('ONNX text classifier.'),
    vocabulary: path.describe('Keras vocabulary of the classifier, as JSON.'),
    label: z.string().min(1).exactOptional(),
    threshold,
  }),
  z.strictObject({
    kind: z.literal('llm'),
    model: path.describe('Causal model that is asked: a folder, a GGUF file or a hub id.'),
    threshold,
  }),
]);
