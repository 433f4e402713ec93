/**
 * What a webview panel asks of the extension, over channel.ts on `postMessage`. Most of it is the server's own contract
 * passed on; the rest is what only an editor can do. A panel may ask for its own run or file alone: the extension refuses
 * anything else. The page it is given holds one empty `<main id="app">`, links dist/webview/<panel>.css and loads
 * dist/webview/<panel>.js.
 */
import { z } from 'zod';
import { armOf, exportKind, runsContract } from './runsContract.ts';
import { deviceName } from './deviceChoice.ts';

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
  z.object({ panel: z.literal('devices') }),
]);
export type PanelState = z.output<typeof panelState>;

/** Passed on to the server as they are. */
export const forwarded = {
  'run.watch': runsContract['run.watch'],
  'run.pause': runsContract['run.pause'],
  'run.continue': runsContract['run.continue'],
  'run.resume': runsContract['run.resume'],
  'run.stopArm': runsContract['run.stopArm'],
  'run.cancel': runsContract['run.cancel'],
  'run.completions': runsContract['run.completions'],
  'run.densities': runsContract['run.densities'],
  compare: runsContract.compare,
  tryPrompt: runsContract.tryPrompt,
  lens: runsContract.lens,
  'review.items': runsContract['review.items'],
  'review.label': runsContract['review.label'],
  'review.trust': runsContract['review.trust'],
  devices: runsContract.devices,
  'devices.install': runsContract['devices.install'],
};

const ofRun = z.object({ run: path, arm: z.string().min(1).optional() });

/** The one argument of each command that a panel may run. */
export const panelCommands = {
  /** Asks for what is missing, then writes it where the user says. */
  'rankscope.exportRun': ofRun.extend({
    kind: exportKind.optional(),
  }),
  /** VS Code's diff editor over two arms' completions, at a prompt if one is named. */
  'rankscope.diffCompletions': z.object({ left: armOf, right: armOf, promptIndex: z.int().min(0).optional() }),
  'rankscope.compareRanks': z.object({ arms: z.array(armOf).min(2).optional(), baseline: armOf.optional() }),
  'rankscope.tryPrompt': z.object({
    run: path,
    arms: z.array(z.string()).optional(),
    prompt: z.string().optional(),
  }),
  'rankscope.reviewRun': ofRun,
  /** A text document with the arm's completion of one prompt of the run, or of a prompt that is asked for. */
  'rankscope.showArmInText': ofRun.extend({ promptIndex: z.int().min(0).optional() }),
  /** 0-based line of a file. */
  'rankscope.openLine': z.object({ file: path, line: z.int().min(0) }),
  /** The arms' metrics as a Markdown table on the clipboard. */
  'rankscope.copyMetrics': z.object({ run: path }),
};
export type PanelCommand = keyof typeof panelCommands;
export type PanelCommandArgument<Name extends PanelCommand> = z.output<(typeof panelCommands)[Name]>;

export const panelContract = {
  ...forwarded,
  /**
   * What the panel shows, and its strings: English text to that of the editor's language, empty in English; `{0}` stands
   * for a value. First thing a panel asks.
   */
  hello: {
    params: nothing,
    result: z.object({ state: panelState, strings: z.record(z.string(), z.string()) }),
    event: none,
  },
  /** The device of the settings. */
  'devices.chosen': { params: nothing, result: z.object({ device: deviceName }), event: none },
  /** Writes it into the person's settings. */
  'devices.choose': { params: z.object({ device: deviceName }), result: nothing, event: none },
  /** The timings of the runs that the editor knows. */
  'devices.timings': { ...runsContract['devices.timings'], params: nothing },
  /** Keeps what the panel is restored from (a pinned baseline, a typed prompt). */
  keepState: { params: panelState, result: nothing, event: none },
  /** Runs one of the extension's commands for the panel: exports, the diff editor, review of a run's completions. */
  command: {
    params: z.object({
      command: z.enum(Object.keys(panelCommands) as [PanelCommand, ...PanelCommand[]]),
      /** One, of the shape that `panelCommands` gives. */
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
