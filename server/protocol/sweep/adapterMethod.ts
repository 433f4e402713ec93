/** The adapter methods that a sweep may ask for, and the rules by which alpha becomes the scale of an adapter. */
import { z } from 'zod';

/** What a person reads of a method. */
interface AdapterDescription {
  readonly title: string;
  /** What it trains of each adapted matrix, after the title. */
  readonly trains: string;
}

/** The adapter methods by the name that a sweep file gives; the engine has the variant of each (engine/adapters). */
export const adapterDescriptions = {
  lora: { title: 'LoRA', trains: 'trains A and B of low rank (arXiv 2106.09685)' },
  dora: { title: 'DoRA', trains: 'trains A, B and a magnitude of each output (arXiv 2402.09353)' },
} as const satisfies Readonly<Record<string, AdapterDescription>>;

export type AdapterMethodName = keyof typeof adapterDescriptions;

/** rsLoRA is no method of its own here: it is a rule of scaling, and a second name of it could contradict that. */
export const adapterMethod = z.enum(Object.keys(adapterDescriptions) as AdapterMethodName[], {
  error: ({ input }) =>
    input === 'rslora'
      ? '"rslora" is a rule of scaling: give "scaling": "rslora", which goes with every method'
      : undefined,
});

/** Of each method a clause: `LoRA trains ...; DoRA trains ...`. */
export const adapterMethodWords = Object.values(adapterDescriptions)
  .map(({ title, trains }) => `${title} ${trains}`)
  .join('; ');

/** What alpha is divided by at a rank, and how the rule is written. */
interface ScaleRule {
  readonly formula: string;
  readonly divisor: (rank: number) => number;
}

/** LoRA's rule (arXiv 2106.09685, section 4.1), and the rank-stabilised one (rsLoRA, arXiv 2312.03732). */
export const scaleRules = {
  lora: { formula: 'alpha / rank', divisor: (rank) => rank },
  rslora: { formula: 'alpha / sqrt(rank)', divisor: Math.sqrt },
} as const satisfies Readonly<Record<string, ScaleRule>>;

export const adapterScaling = z.enum(Object.keys(scaleRules) as (keyof typeof scaleRules)[]);
export type AdapterScaling = z.output<typeof adapterScaling>;

/** The factor of B A: alpha over the rule's divisor. */
export function adapterScale({
  alpha,
  rank,
  scaling,
}: {
  readonly alpha: number;
  readonly rank: number;
  readonly scaling: AdapterScaling;
}): number {
  return alpha / scaleRules[scaling].divisor(rank);
}
