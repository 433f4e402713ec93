/** What a recipe is: one result of the paper, as sweeps that put its claim to the test on a model of one's own. */
import type { AnySweepFile } from '../../protocol/sweep/experiments.ts';

/** The results of the paper that have a recipe. */
export const items = ['table1', 'figure2', 'figure4', 'figure5', 'figure6', 'honest-race'] as const;
export type Item = (typeof items)[number];

/** `small`: minutes on two processor cores; `paper`: the paper's data, ranks and settings. */
export type Scale = 'small' | 'paper';

/** What a person gave, with the model's description; every path is absolute. */
export interface Ingredients {
  readonly item: Item;
  readonly scale: Scale;
  readonly model: string;
  /** Whether the model decides by a head rather than by completing an instruction. */
  readonly isEncoder: boolean;
  readonly parameters: number;
  /** Folder that holds the data files by their usual names. */
  readonly data: string;
  /** Data sets of a classification recipe. */
  readonly datasets: readonly Dataset[];
  readonly seeds: number;
  readonly threads: number;
  /** Pairs of prompt and kind completion, in place of a generator. */
  readonly pairs?: string;
  /** Model that writes counterfactuals. */
  readonly generator: string;
  /** Model that judges; without it the built-in lexicon does. */
  readonly judge?: string;
}

export type Dataset = 'IMDb' | 'SST2' | 'Rotten Tomatoes';

/** One sweep of a recipe; its run gets this name. */
export interface RecipeSweep {
  readonly name: string;
  readonly sweep: AnySweepFile;
}
