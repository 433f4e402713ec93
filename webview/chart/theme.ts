/** The editor's colours for canvases. Style sheets read the same variables themselves. */
import { palettes, type ThemeKind } from './armStyle.ts';
import type { ChartColours } from './chartSvg.ts';

export interface Theme extends ChartColours {
  readonly kind: ThemeKind;
  readonly fontFamily: string;
  /** Pixels. */
  readonly fontSize: number;
  readonly reducesMotion: boolean;
}

const fallbacks: Readonly<Record<ThemeKind, { foreground: string; background: string; grid: string }>> = {
  dark: { foreground: '#cccccc', background: '#1f1f1f', grid: '#5a5a5a' },
  light: { foreground: '#3b3b3b', background: '#ffffff', grid: '#b0b0b0' },
  'hc-dark': { foreground: '#ffffff', background: '#000000', grid: '#6fc3df' },
  'hc-light': { foreground: '#292929', background: '#ffffff', grid: '#0f4a85' },
};

export function readTheme(): Theme {
  const kind = themeKind(document.body.classList);
  const style = getComputedStyle(document.body);
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  const { foreground, background, grid } = fallbacks[kind];
  return {
    kind,
    foreground: read('--vscode-editor-foreground', foreground),
    background: read('--vscode-editor-background', background),
    grid: kind.startsWith('hc') ? read('--vscode-contrastBorder', grid) : grid,
    palette: palettes[kind],
    fontFamily: read('--vscode-font-family', 'sans-serif'),
    fontSize: Number.parseFloat(read('--vscode-font-size', '13')) || 13,
    reducesMotion:
      document.body.classList.contains('vscode-reduce-motion') ||
      matchMedia('(prefers-reduced-motion: reduce)').matches,
  };
}

/** VS Code marks the kind of its theme by a class of the body. Both high-contrast kinds have the class of the first. */
function themeKind(classes: { contains(name: string): boolean }): ThemeKind {
  if (classes.contains('vscode-high-contrast-light')) return 'hc-light';
  if (classes.contains('vscode-high-contrast')) return 'hc-dark';
  return classes.contains('vscode-light') ? 'light' : 'dark';
}

/** Calls `listener` after a change of the theme or of one of its variables. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributeFilter: ['style', 'class'] });
}
