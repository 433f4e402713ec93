import assert from 'node:assert/strict';
import { heatColour } from '../../../webview/lens/heatColour.ts';

describe('the colour of heat', () => {
  it('goes from the dark end of cividis to its light end', () => {
    assert.deepEqual(heatColour(0), { background: 'rgb(0, 34, 78)', text: '#ffffff' });
    assert.deepEqual(heatColour(1), { background: 'rgb(254, 232, 56)', text: '#000000' });
  });

  it('has nine stops, an eighth apart', () => {
    const backgrounds = [1, 2, 3, 4, 5, 6, 7].map((eighth) => heatColour(eighth / 8).background);
    assert.deepEqual(backgrounds, [
      'rgb(18, 53, 112)',
      'rgb(59, 73, 108)',
      'rgb(87, 93, 109)',
      'rgb(112, 113, 115)',
      'rgb(138, 134, 120)',
      'rgb(165, 156, 116)',
      'rgb(195, 179, 105)',
    ]);
  });

  it('mixes two neighbours in proportion to the distance from each', () => {
    // A quarter of the way from rgb(18, 53, 112) to rgb(59, 73, 108).
    assert.equal(heatColour(1.25 / 8).background, 'rgb(28, 58, 111)');
    // Three quarters of the way from rgb(195, 179, 105) to rgb(254, 232, 56).
    assert.equal(heatColour(7.75 / 8).background, 'rgb(239, 219, 68)');
  });

  it('takes heat out of range for the nearest end', () => {
    assert.deepEqual(heatColour(-0.3), heatColour(0));
    assert.deepEqual(heatColour(1.7), heatColour(1));
  });

  it('writes in whichever of black and white stands out more, as WCAG computes contrast', () => {
    for (let hundredth = 0; hundredth <= 100; hundredth++) {
      const { background, text } = heatColour(hundredth / 100);
      const [onWhite, onBlack] = [contrast(background, 'rgb(255, 255, 255)'), contrast(background, 'rgb(0, 0, 0)')];
      assert.equal(text, onWhite > onBlack ? '#ffffff' : '#000000', background);
      assert.ok(Math.max(onWhite, onBlack) >= 4.5, background);
    }
  });
});

/** Contrast of two colours by WCAG 2.1: (lighter + 0.05) / (darker + 0.05) of their relative luminances. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const linear = (channel: string): number => {
    const share = Number(channel) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
