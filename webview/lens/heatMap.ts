/** The layout of a logit lens for drawing, with the last layer on top as in the paper's figures. */
import type { LensArm, LensCell, LensResult } from '../../server/protocol/run/lens.ts';
import { decimal } from '../text/format.ts';
import { oneLine } from '../text/printable.ts';
import { t } from '../text/strings.ts';
import type { TextTable } from '../../server/measures/text/textTable.ts';
import type { LineChart } from '../../server/measures/charts/chart.ts';
import { styleOf, type ArmStyle } from '../chart/armStyle.ts';

/** The place of a cell in every arm's map. */
export interface Place {
  /** Layer 0 is the state after the embeddings. */
  readonly layer: number;
  readonly position: number;
}

export interface HeatCell {
  /** The most likely token, with its spaces made visible. */
  readonly text: string;
  /** Entropy divided by the largest entropy of all arms, 0..1. */
  readonly heat: number;
  /** A description of the cell in words. */
  readonly label: string;
}

interface HeatRow {
  readonly layer: number;
  readonly name: string;
  readonly cells: readonly HeatCell[];
}

export interface HeatMap {
  readonly arm: string;
  readonly tokens: readonly string[];
  /** Rows from top to bottom. */
  readonly rows: readonly HeatRow[];
}

/** A map for each arm. All share one scale of entropy. */
export function heatMaps({ arms }: LensResult): readonly HeatMap[] {
  const most = largestEntropy(arms);
  return arms.map((arm) => ({
    arm: arm.arm,
    tokens: arm.tokens.map(visible),
    rows: arm.layers
      .map((cells, layer) => ({
        layer,
        name: layerName(layer, arm.layers.length),
        cells: cells.map((cell, position) => heatCell(cell, most, layer, visible(arm.tokens[position] ?? ''))),
      }))
      .reverse(),
  }));
}

/** The largest entropy, nats; 0 where there is no cell. */
export function largestEntropy(arms: readonly LensArm[]): number {
  return arms.flatMap(({ layers }) => layers.flat()).reduce((most, { entropy }) => Math.max(most, entropy), 0);
}

export function layerName(layer: number, count: number): string {
  if (layer === 0) return t('embeddings');
  return layer === count - 1 ? t('{0} (output)', layer) : String(layer);
}

function heatCell(cell: LensCell, most: number, layer: number, token: string): HeatCell {
  const best = cell.top[0];
  const text = best ? visible(best.token) : '';
  const kl = cell.kl === undefined ? '' : t(', KL {0}', decimal(cell.kl));
  return {
    text,
    heat: most > 0 ? cell.entropy / most : 0,
    label:
      t(
        'layer {0}, after {1}: {2} {3}, entropy {4} nats',
        layer,
        token,
        text,
        decimal(best?.probability),
        decimal(cell.entropy),
      ) + kl,
  };
}

/** A token with its spaces and line breaks made visible, so that ` a` and `a` differ. */
export function visible(token: string): string {
  return oneLine(token.replace(/ /g, '·').replace(/\r?\n/g, '⏎').replace(/\t/g, '→'), 40);
}

/** The cell that an arrow key moves to, within the map. Up is towards the output. */
export function neighbour(place: Place, key: string, layers: number, positions: number): Place {
  const { layer, position } = place;
  const at = (l: number, p: number): Place => ({
    layer: Math.max(0, Math.min(layers - 1, l)),
    position: Math.max(0, Math.min(positions - 1, p)),
  });
  switch (key) {
    case 'ArrowUp':
      return at(layer + 1, position);
    case 'ArrowDown':
      return at(layer - 1, position);
    case 'ArrowLeft':
      return at(layer, position - 1);
    case 'ArrowRight':
      return at(layer, position + 1);
    case 'Home':
      return at(layer, 0);
    case 'End':
      return at(layer, positions - 1);
    case 'PageUp':
      return at(layers - 1, position);
    case 'PageDown':
      return at(0, position);
    default:
      return place;
  }
}

/** The five most likely tokens at one place, for each arm. */
export function topTable({ arms }: LensResult, { layer, position }: Place): TextTable {
  return {
    header: [t('arm'), '1', '2', '3', '4', '5', t('entropy, nats'), t('KL from base, nats')],
    rows: arms.map(({ arm, layers }) => {
      const cell = layers[layer]?.[position];
      const tokens = Array.from({ length: 5 }, (_, i) => tokenText(cell?.top[i]));
      const kl = cell?.kl === undefined ? t('none') : decimal(cell.kl);
      return [arm, ...tokens, decimal(cell?.entropy), kl];
    }),
  };
}

function tokenText(token: LensCell['top'][number] | undefined): string {
  return token ? `${visible(token.token)} ${decimal(token.probability)}` : '';
}

/** The whole map of one arm as a text table. */
export function lensTable({ tokens, layers }: LensArm): TextTable {
  return {
    header: [t('layer'), ...tokens.map((token, i) => `${i + 1} ${visible(token)}`)],
    rows: layers
      .map((cells, layer) => [
        layerName(layer, layers.length),
        ...cells.map(({ top, entropy }) => `${tokenText(top[0])} (${decimal(entropy)})`),
      ])
      .reverse(),
  };
}

/** Mean KL(base || arm) over the positions, for each layer. Positions where it is infinite are left out. */
export function layerDivergence({ arms }: LensResult, styles: ReadonlyMap<string, ArmStyle>): LineChart {
  const series = arms.flatMap(({ arm, layers }) => {
    const means = layers.map((cells) => mean(cells.flatMap(({ kl }) => kl ?? [])));
    if (means.every((value) => Number.isNaN(value))) return [];
    return [{ label: arm, style: styleOf(styles, arm), x: means.map((_, layer) => layer), y: means }];
  });
  return {
    kind: 'lines',
    title: t('KL from the base by layer'),
    xTitle: t('layer'),
    yTitle: t('mean over positions, nats'),
    series,
    format: decimal,
  };
}

/** The mean; NaN for an empty list. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
