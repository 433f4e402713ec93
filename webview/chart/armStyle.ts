/**
 * The colours of arms in each kind of theme: those of Okabe and Ito ("Color universal design", 2008), made darker
 * or lighter until their contrast with the page is at least 3:1 (WCAG 1.4.11).
 */
export { armStyles, styleOf, type ArmStyle, type Marker } from '../../server/measures/charts/armStyle.ts';

export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light';

const light = ['#0072b2', '#b35900', '#00795a', '#8a6d00', '#a23b7e', '#c0392b', '#4b4fc4', '#3f6b75'];
const dark = ['#56b4e9', '#e69f00', '#2bc796', '#f0e442', '#dd8fbd', '#ff8a65', '#a3a9ff', '#8fd3df'];

/** The colours for each kind of theme. */
export const palettes: Readonly<Record<ThemeKind, readonly string[]>> = {
  dark,
  light,
  'hc-dark': dark,
  'hc-light': light,
};
