/**
 * How the arms of a run are told apart: by colour, by dashes and by marker, so that no one of them has to do it alone.
 * The colours are those of Okabe and Ito ("Color universal design", 2008), made darker or lighter until they stand out
 * from the page by 3:1 (WCAG 1.4.11) in each kind of theme.
 */
export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light';
export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross';

export interface ArmStyle {
  /** Index into the theme's palette; -1 is the text colour, which the base model has. */
  readonly colour: number;
  /** Lengths of dashes and gaps, pixels; none for a solid line. */
  readonly dash: readonly number[];
  readonly marker: Marker;
}

const light = ['#0072b2', '#b35900', '#00795a', '#8a6d00', '#a23b7e', '#c0392b', '#4b4fc4', '#3f6b75'];
const dark = ['#56b4e9', '#e69f00', '#2bc796', '#f0e442', '#dd8fbd', '#ff8a65', '#a3a9ff', '#8fd3df'];

/** Colours of a kind of theme. */
export const palettes: Readonly<Record<ThemeKind, readonly string[]>> = {
  dark,
  light,
  'hc-dark': dark,
  'hc-light': light,
};

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
    colour: index % light.length,
    dash: dashes[index % dashes.length] ?? [],
    marker: markers[index % markers.length] ?? 'circle',
  };
}

/** The style of the arm; of an arm that is not known, the base's. */
export function styleOf(styles: ReadonlyMap<string, ArmStyle>, arm: string): ArmStyle {
  return styles.get(arm) ?? baseStyle;
}
