/**
 * Prints the peak memory in MB of a process while it takes one training step. Arguments: chunks of the loss, and "again"
 * to compute layers again. A script of its own, so that what others do to its process's memory does not count; what
 * reading the sources took, which may be more than the step, is taken out of the peak (Linux: see man 5 proc_pid_clear_refs).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { lossAndGradients } from './programVariants.ts';

const [chunks = '1', again] = process.argv.slice(2);
const LENGTH = 512;
const config = { model_type: 'gpt2', vocab_size: 60000, n_embd: 32, n_layer: 24, n_head: 8, n_positions: LENGTH };
const ids = Array.from({ length: LENGTH }, (_, i) => (i * 7919) % config.vocab_size);
const labels = { chunks: Number(chunks), rows: Math.ceil(LENGTH / Number(chunks)) };
writeFileSync('/proc/self/clear_refs', '5');
await lossAndGradients(defineModel(config, 'test'), 'full', [{ ids, firstLabel: 0 }], {
  recompute: again !== undefined,
  labels,
});
const [, peak] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
process.stdout.write(String(Number(peak) / 1024));
