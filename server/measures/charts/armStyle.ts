/**
 * How the arms of a run are told apart in charts: by colour, by dashes and by marker, so that no one of them has to do it
 * alone. Pages and reports have a palette each for the numbers of the colours.
 */
export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross';

export interface ArmStyle {
  /** Index into the palette; -1 is the text colour, which the base model has. */
  readonly colour: number;
  /** Lengths of dashes and gaps, pixels; none for a solid line. */
  readonly dash: readonly number[];
  readonly marker: Marker;
}

/** Colours of a palette. */
const colourCount = 8;

const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3], [14, 4]];
const markers: readonly Marker[] = ['circle', 'square', 'triangle', 'diamond', 'cross'];

const baseStyle: ArmStyle = { colour: -1, dash: [], marker: 'circle' };

/** The style of every arm, by its place among the arms: an arm keeps it whichever others are hidden. */
export function armStyles(arms: readonly { readonly id: string; readonly method: string }[]): Map<string, ArmStyle> {
  const styles = new Map<string, ArmStyle>();
  let next = 0;
  for (const { id, method } of arms) styles.set(id, method === 'base' ? baseStyle : trainedStyle(next++));
  return styles;
}

function trainedStyle(index: number): ArmStyle {
  return {
    colour: index % colourCount,
    dash: dashes[index % dashes.length] ?? [],
    marker: markers[index % markers.length] ?? 'circle',
  };
}

/** The style of the arm; of an arm that is not known, the base's. */
export function styleOf(styles: ReadonlyMap<string, ArmStyle>, arm: string): ArmStyle {
  return styles.get(arm) ?? baseStyle;
}
