/** The colours of the heat map: "cividis", which looks alike to people with and without colour blindness (Nuñez 2018). */
const stops = [
  '#00224e',
  '#123570',
  '#3b496c',
  '#575d6d',
  '#707173',
  '#8a8678',
  '#a59c74',
  '#c3b369',
  '#fee838',
] as const;

export interface HeatColour {
  readonly background: string;
  /** Black or white, whichever is easier to read: at least 4.5:1 on any background. */
  readonly text: string;
}

/** The colour for `heat` 0..1, from dark to light. */
export function heatColour(heat: number): HeatColour {
  const at = Math.max(0, Math.min(1, heat)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(at));
  const [from, to] = [rgb(stops[index]), rgb(stops[index + 1])];
  const mixed = from.map((value, i) => Math.round(value + (at - index) * ((to[i] ?? 0) - value)));
  return { background: `rgb(${mixed.join(', ')})`, text: luminance(mixed) > 0.179 ? '#000000' : '#ffffff' };
}

function rgb(colour: string | undefined): readonly number[] {
  return [1, 3, 5].map((start) => Number.parseInt((colour ?? '#000000').slice(start, start + 2), 16));
}

/** Relative luminance (WCAG 2.1). */
function luminance(channels: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = channels.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
