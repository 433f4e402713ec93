/** The logit lens as text tables, for the numbers behind a report's figure and for the command line. */
import type { LensArm, LensCell } from '../../protocol/run/lens.ts';
import { decimal } from '../../measures/text/format.ts';
import type { TextTable } from '../../measures/text/textTable.ts';

/**
 * The most likely token of every layer and position with its probability, and the entropy in nats. The last layer
 * comes first.
 */
export function lensTable({ tokens, layers }: LensArm): TextTable {
  return cellTable(tokens, layers, ({ top: [best], entropy }) => {
    return best ? `${lensTokenText(best.token)} ${share(best.probability)} ${entropy.toFixed(2)}` : '';
  });
}

/** KL(base || arm) of every layer and position, nats; undefined for the base itself. */
export function lensDistanceTable({ tokens, layers }: LensArm): TextTable | undefined {
  if (!layers.some((cells) => cells.some(({ kl }) => kl !== undefined))) return undefined;
  return cellTable(tokens, layers, ({ kl }) => (kl === undefined ? 'infinite' : decimal(kl)));
}

function cellTable(tokens: readonly string[], layers: LensArm['layers'], text: (cell: LensCell) => string): TextTable {
  const rows = layers.map((cells, layer) => [lensLayerName(layer, layers.length), ...cells.map(text)]);
  return { header: ['layer', ...tokens.map(lensTokenText)], rows: rows.reverse() };
}

/** Name of a layer: `embeddings`, then numbers. The last layer is also the model's output. */
export function lensLayerName(layer: number, count: number): string {
  if (layer === 0) return 'embeddings';
  return layer === count - 1 ? `${layer} = output` : String(layer);
}

/** A token with its spaces and line ends made visible. */
export function lensTokenText(token: string): string {
  return token.replace(/\r?\n/g, '⏎').replace(/\t/g, '⇥').replace(/^ /, '␣').replace(/ $/, '␣');
}

function share(probability: number): string {
  const percent = probability * 100;
  return percent > 0 && percent < 1 ? '<1%' : `${percent.toFixed(0)}%`;
}
