import type { AnySweep } from '../../protocol/sweep/experiments.ts';

/** The learning rates of a sweep as a sentence names them: `0.0003`, `0.0005 for LoRA and 0.00005 in full`, or how they are chosen. */
export function rateText(rates: AnySweep['arms']['learningRate']): string {
  if (rates === 'tune') return 'chosen by held-out loss, for LoRA and in full';
  if (typeof rates === 'number') return String(rates);
  if ('tune' in rates) {
    return `chosen by held-out loss, for ${rates.tune === 'rank' ? 'each rank of LoRA' : 'LoRA'} and in full`;
  }
  if ('lora' in rates) return `${listed(rates.lora)} for LoRA and ${listed(rates.full)} in full`;
  return listed(rates);
}

function listed(rates: number | readonly number[]): string {
  return [rates].flat().join(', ');
}
