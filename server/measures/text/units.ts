/** What figures are measured in, and how a figure of each unit is written: one entry a unit. */
import { isMeasured, type Estimate, type Measured } from '../../protocol/run/estimate.ts';
import { bytes, decimal, fixed, notMeasured, percent, percentNumber, signedPoints } from './format.ts';
import type { Say, Text } from './say.ts';

interface UnitForm {
  /** The value alone: `12.3 %`. */
  readonly write: (value: number) => string;
  /** An end of its interval, within brackets: `12.3`. */
  readonly writeEnd: (value: number) => string;
  /** What follows the brackets of an interval that stands alone. */
  readonly suffix?: string;
  /** The heading of a column, around the title of what it holds. */
  readonly heading: string;
  /** The axis of a chart. */
  readonly axis: Text;
  /** What a number without its unit is called, for programs and chat models. */
  readonly name: string;
}

export const units = {
  /** 0..1, written in percent. */
  share: {
    write: percent,
    writeEnd: percentNumber,
    suffix: ' %',
    heading: '{0}',
    axis: 'percent',
    name: 'share',
  },
  /** A difference of shares, -1..1, written in percentage points with its sign. */
  shareDifference: {
    write: signedPoints,
    writeEnd: signedPoints,
    heading: '{0}, points',
    axis: 'percentage points',
    name: 'shareDifference',
  },
  /** Percentage points, -100..100. */
  points: {
    write: fixed,
    writeEnd: fixed,
    heading: '{0}, points',
    axis: 'percentage points',
    name: 'percentagePoints',
  },
  nats: { write: decimal, writeEnd: decimal, heading: '{0}, nats', axis: 'nats', name: 'nats' },
  count: { write: String, writeEnd: String, heading: '{0}', axis: 'count', name: 'count' },
  tokensPerSecond: {
    write: (value) => value.toFixed(0),
    writeEnd: (value) => value.toFixed(0),
    heading: '{0}',
    axis: 'tokens per second',
    name: 'tokensPerSecond',
  },
  bytes: { write: bytes, writeEnd: bytes, heading: '{0}', axis: 'bytes', name: 'bytes' },
  plain: { write: decimal, writeEnd: decimal, heading: '{0}', axis: '', name: 'value' },
} as const satisfies Readonly<Record<string, UnitForm>>;

export type Unit = keyof typeof units;

export function unitForm(unit: Unit): UnitForm {
  return units[unit];
}

/** `81.0 % [72.2, 87.5]`; without brackets where there is no interval. */
export function measuredText(measured: Measured, unit: Unit): string {
  const { write } = unitForm(unit);
  const interval = bracketed(measured, unit);
  return interval === undefined ? write(measured.value) : `${write(measured.value)} ${interval}`;
}

/** The same of any estimate, or why there is none. */
export function estimateText(estimate: Estimate | undefined, unit: Unit, say: Say): string {
  if (estimate === undefined) return say(notMeasured);
  return isMeasured(estimate) ? measuredText(estimate, unit) : reasonText(estimate.unmeasured, say);
}

/** `[8.1, 16.4] %`: the interval in a cell of its own. */
export function intervalText(estimate: Estimate | undefined, unit: Unit, say: Say): string {
  const interval = estimate !== undefined && isMeasured(estimate) ? bracketed(estimate, unit) : undefined;
  return interval === undefined ? say(notMeasured) : `${interval}${unitForm(unit).suffix ?? ''}`;
}

function reasonText(reason: string, say: Say): string {
  return say('not measured: {0}', reason);
}

function bracketed({ low, high }: Measured, unit: Unit): string | undefined {
  const { writeEnd } = unitForm(unit);
  return low === undefined || high === undefined ? undefined : `[${writeEnd(low)}, ${writeEnd(high)}]`;
}
