/**
 * What a webview panel asks of the extension, over channel.ts on `postMessage`. Most of it is the server's own contract
 * passed on; the rest is what only an editor can do. A panel may ask for its own run or file alone: the extension refuses
 * anything else.
 */
import { z } from 'zod';
import { runsContract } from './runsContract.ts';

const nothing = z.null();
const none = z.never();
const path = z.string().min(1);

/** What a panel is opened on; also its state, by which it is restored after a reload. */
export const panelState = z.discriminatedUnion('panel', [
  z.object({ panel: z.literal('run'), run: path, baseline: z.string().default('base') }),
  z.object({
    panel: z.literal('compare'),
    arms: z.array(z.object({ run: path, arm: z.string() })),
    baseline: z.object({ run: path, arm: z.string() }),
  }),
  z.object({ panel: z.literal('prompt'), run: path, arms: z.array(z.string()), prompt: z.string().default('') }),
  z.object({ panel: z.literal('review'), file: path }),
  z.object({ panel: z.literal('lens'), run: path, arms: z.array(z.string()), prompt: z.string().default('') }),
]);
export type PanelState = z.output<typeof panelState>;

const {
  'run.watch': watch,
  'run.pause': pause,
  'run.continue': goOn,
  'run.resume': resume,
  'run.stopArm': stopArm,
  'run.cancel': cancel,
  'run.completions': completions,
  'run.densities': densities,
  compare,
  tryPrompt,
  'review.items': items,
  'review.label': label,
  'review.trust': trust,
} = runsContract;

/** Passed on to the server as they are. */
export const forwarded = {
  'run.watch': watch,
  'run.pause': pause,
  'run.continue': goOn,
  'run.resume': resume,
  'run.stopArm': stopArm,
  'run.cancel': cancel,
  'run.completions': completions,
  'run.densities': densities,
  compare,
  tryPrompt,
  'review.items': items,
  'review.label': label,
  'review.trust': trust,
};

export const panelContract = {
  ...forwarded,
  /** What the panel shows, the strings of its language and whether motion is to be reduced. First thing a panel asks. */
  hello: {
    params: nothing,
    result: z.object({ state: panelState, strings: z.record(z.string(), z.string()) }),
    event: none,
  },
  /** Keeps what the panel is restored from (a pinned baseline, a typed prompt). */
  keepState: { params: panelState, result: nothing, event: none },
  /** Runs one of the extension's commands for the panel: exports, the diff editor, review of a run's completions. */
  command: {
    params: z.object({
      command: z.enum([
        'rankscope.exportRun',
        'rankscope.diffCompletions',
        'rankscope.compareRanks',
        'rankscope.tryPrompt',
        'rankscope.reviewRun',
        'rankscope.showArmInText',
        'rankscope.openLine',
      ]),
      arguments: z.array(z.unknown()).max(4),
    }),
    result: nothing,
    event: none,
  },
  /** Saves a drawn chart where the user says; resolves `null` path when the user thinks better of it. */
  saveChart: {
    params: z.object({
      name: z.string().min(1).max(200),
      kind: z.enum(['png', 'svg']),
      /** PNG: base64; SVG: the text. */
      content: z.string().max(20_000_000),
    }),
    result: z.object({ path: z.string().nullable() }),
    event: none,
  },
  /** Puts text (a Markdown table) on the clipboard. */
  copy: { params: z.object({ text: z.string().max(5_000_000) }), result: nothing, event: none },
};

export type PanelContract = typeof panelContract;
