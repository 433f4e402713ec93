/** What the engine process asks of a process of its own that tries a device, and what that answers. */
import { z } from 'zod';
import { triedDevice } from './deviceChoice.ts';
import { errorDetailsSchema } from '../errors.ts';

const count = z.int().min(0);

/** The only argument, as JSON. */
export const probeRequest = z.object({
  device: triedDevice,
  threads: count,
  model: z
    .object({
      path: z.string(),
      folder: z.string().describe('Folder of its converted weights.'),
      storage: z.enum(['float32', 'float16']),
      prepack: z.boolean(),
    })
    .exactOptional()
    .describe('A model to train, already converted; tiny ones that need no file unless given.'),
});
export type ProbeRequest = Readonly<z.output<typeof probeRequest>>;

const nodeShare = z.object({
  nodes: count.describe('Nodes of the program as ONNX Runtime has optimised it.'),
  onDevice: count.describe('Nodes that the device ran.'),
  elsewhere: z.array(z.string()).readonly().describe('The other nodes, as `op (provider)`.'),
  copies: count.describe('Nodes that copy between main memory and the device in the midst of a run.'),
});
export type NodeShare = Readonly<z.output<typeof nodeShare>>;

const trial = z.object({
  losses: z.array(z.number()).readonly().describe('Mean negative log-likelihood per label before each step, nats.'),
  seconds: z.number().min(0).describe('The fastest step but for the first.'),
  share: nodeShare,
  stateReadBack: count.describe(
    'Tensors of parameters, gradients or moments that came back to main memory during the trial.',
  ),
});
export type Trial = Readonly<z.output<typeof trial>>;

/** The only message of the process. */
export const probeAnswer = z.union([z.object({ trial }), z.object({ failed: errorDetailsSchema })]);
export type ProbeAnswer = Readonly<z.output<typeof probeAnswer>>;
