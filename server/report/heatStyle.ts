/** Style rules of a heat map: `count` classes `h0`, `h1`, ... from a cold colour through a neutral one to a warm one. */
export function heatRules(count: number, [cold, neutral, warm]: readonly [string, string, string]): string {
  const rules = Array.from({ length: count }, (_, i) => {
    const at = count > 1 ? (2 * i) / (count - 1) - 1 : 0;
    const colour = at < 0 ? mixColours(neutral, cold, -at) : mixColours(neutral, warm, at);
    return `.h${i} { background: ${colour}; }`;
  });
  return rules.join(' ');
}

/** Mixes two colours `#rrggbb`. `share` is the share of the second, 0..1. */
function mixColours(from: string, to: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [a, b] = [from, to].map((colour) => parseInt(colour.slice(at, at + 2), 16));
    return Math.round((a ?? 0) + share * ((b ?? 0) - (a ?? 0)))
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}
