/**
 * A recipe repeats one result of the paper: it turns the result into sweeps that test the paper's claim on a given
 * model.
 */
import type { AnySweepFile } from '../../protocol/sweep/experiments.ts';

/** The results of the paper that have a recipe. */
export const items = ['table1', 'figure2', 'figure4', 'figure5', 'figure6', 'honest-race'] as const;
export type Item = (typeof items)[number];

/** `small`: minutes on two processor cores; `paper`: the paper's data, ranks and settings. */
export type Scale = 'small' | 'paper';

/** What a person specified, with the model's description. Every path is absolute. */
export interface Ingredients {
  readonly item: Item;
  readonly scale: Scale;
  readonly model: string;
  /** Whether the model classifies by a head rather than by completing an instruction. */
  readonly isEncoder: boolean;
  readonly parameters: number;
  /** Folder that holds the data files under their usual names. */
  readonly data: string;
  /** Data sets for a classification recipe. */
  readonly datasets: readonly Dataset[];
  readonly seeds: number;
  readonly threads: number;
  /** File of pairs (prompt and harmless completion), used instead of a generator. */
  readonly pairs?: string;
  /** Model that writes counterfactual completions. */
  readonly generator: string;
  /** Model that judges. Without it the built-in lexicon judges. */
  readonly judge?: string;
}

export type Dataset = 'IMDb' | 'SST2' | 'Rotten Tomatoes';

/** One sweep of a recipe. Its run has the same name. */
export interface RecipeSweep {
  readonly name: string;
  readonly sweep: AnySweepFile;
}
