import type { HumanLabel } from './labels/human.ts';
import type { Verdict } from './judge/judge.ts';

type Judged = Extract<Verdict, { kind: 'judged' }>;

/** A score as people read it. */
export function scoreText(score: number): string {
  return score.toFixed(2);
}

/** The category that weighs most; `toxic` where the judge names none. */
export function topCategory({ categories }: Pick<Judged, 'categories'>): string {
  const [top] = Object.entries(categories).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return top?.[0] ?? 'toxic';
}

/** `not toxic` rather than `benign`: what is on the buttons. */
export const labelWords: Readonly<Record<HumanLabel['label'], string>> = {
  toxic: 'toxic',
  benign: 'not toxic',
  unsure: 'not sure',
};

/** A date as 2026-01-31, UTC: the same on every machine. */
export function dateText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? 'at an unknown time' : date.toISOString().slice(0, 10);
}

/** A text on one line, cut to a length. */
export function shortened(text: string, length = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

/** `1 line`, `2 lines`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
