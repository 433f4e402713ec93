import assert from 'node:assert/strict';
import { armStyles, palettes, type ThemeKind } from '../../../webview/chart/armStyle.ts';

/** The lightest or darkest page that a theme of the kind is likely to have. */
const pages: Readonly<Record<ThemeKind, readonly string[]>> = {
  dark: ['#1f1f1f', '#1e1e1e', '#002b36'],
  light: ['#ffffff', '#f3f3f3', '#fdf6e3'],
  'hc-dark': ['#000000'],
  'hc-light': ['#ffffff'],
};

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('the styles of arms', () => {
  for (const kind of Object.keys(pages) as ThemeKind[]) {
    it(`stand out from the page by 3:1 in ${kind} themes`, () => {
      for (const page of pages[kind]) {
        for (const colour of palettes[kind]) {
          assert.ok(contrast(colour, page) >= 3, `${colour} on ${page}: ${contrast(colour, page).toFixed(2)}`);
        }
      }
    });
  }

  it('differ in more than colour between neighbours, and altogether among forty arms', () => {
    const styles = armStyles(Array.from({ length: 40 }, (_, i) => ({ id: `a${i}`, method: 'lora' })));
    const all = [...styles.values()];
    assert.equal(new Set(all.map((style) => JSON.stringify(style))).size, 40);
    for (const [i, style] of all.slice(1).entries()) assert.notEqual(style.marker, all[i]?.marker);
  });

  it('give the base the colour of text, and do not count it', () => {
    const styles = armStyles([
      { id: 'base', method: 'base' },
      { id: 'r2', method: 'lora' },
    ]);
    assert.deepEqual([styles.get('base')?.colour, styles.get('r2')?.colour], [-1, 0]);
  });
});
