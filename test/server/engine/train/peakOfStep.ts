/**
 * Prints the peak memory in MB of a process that takes one training step. Arguments: chunks of the loss, and "again" to
 * compute layers again. A script of its own, since a process's peak never goes down.
 */
import { defineModel } from '../../../../server/engine/models/families.ts';
import { lossAndGradients } from './programVariants.ts';

const [chunks = '1', again] = process.argv.slice(2);
const LENGTH = 512;
const config = { model_type: 'gpt2', vocab_size: 20000, n_embd: 32, n_layer: 10, n_head: 8, n_positions: LENGTH };
const ids = Array.from({ length: LENGTH }, (_, i) => (i * 7919) % config.vocab_size);
const labels = { chunks: Number(chunks), rows: Math.ceil(LENGTH / Number(chunks)) };
await lossAndGradients(defineModel(config, 'test'), 'full', [{ ids, firstLabel: 0 }], {
  recompute: again !== undefined,
  labels,
});
process.stdout.write(String(process.resourceUsage().maxRSS / 1024));
