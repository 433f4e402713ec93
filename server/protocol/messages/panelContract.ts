/**
 * What a webview panel asks of the extension, over channel.ts on `postMessage`. Most of it is the server's own contract
 * passed on; the rest is what only an editor can do. A panel may ask for its own run or file alone: the extension refuses
 * anything else. The page it is given holds one empty `<main id="app">`, links dist/webview/<panel>.css and loads
 * dist/webview/<panel>.js.
 */
import { z } from 'zod';
import type { DescribedContract } from './channel.ts';
import { panelState } from './panelStates.ts';
import { armOf, exportKind, runsContract } from './runsContract.ts';
import { deviceName } from '../devices/deviceChoice.ts';

const nothing = z.null();
const none = z.never();
const path = z.string().min(1);

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
  'run.learning': runsContract['run.learning'],
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
  'rankscope.exportRun': ofRun
    .extend({
      kind: exportKind.optional(),
    })
    .describe('Asks for what is missing, then writes it where the user says.'),
  'rankscope.diffCompletions': z
    .object({ left: armOf, right: armOf, promptIndex: z.int().min(0).optional() })
    .describe("VS Code's diff editor over two arms' completions, at a prompt if one is named."),
  'rankscope.compareRanks': z.object({ arms: z.array(armOf).min(2).optional(), baseline: armOf.optional() }),
  'rankscope.tryPrompt': z.object({
    run: path,
    arms: z.array(z.string()).optional(),
    prompt: z.string().optional(),
  }),
  'rankscope.reviewRun': ofRun,
  'rankscope.showArmInText': ofRun
    .extend({ promptIndex: z.int().min(0).optional() })
    .describe("A text document with the arm's completion of one prompt of the run, or of a prompt that is asked for."),
  'rankscope.openLine': z.object({ file: path, line: z.int().min(0) }).describe('0-based line of a file.'),
  'rankscope.copyMetrics': z.object({ run: path }).describe("The arms' metrics as a Markdown table on the clipboard."),
};
export type PanelCommand = keyof typeof panelCommands;
export type PanelCommandArgument<Name extends PanelCommand> = z.output<(typeof panelCommands)[Name]>;

export const panelContract = {
  ...forwarded,
  hello: {
    about:
      "The first request of a panel: what it shows, and its strings. These map English text to that of the editor's language and are empty in English; `{0}` stands for a value.",
    params: nothing,
    result: z.object({ state: panelState, strings: z.record(z.string(), z.string()) }),
    event: none,
  },
  'devices.chosen': {
    about: 'The device that the settings name.',
    params: nothing,
    result: z.object({ device: deviceName }),
    event: none,
  },
  'devices.choose': {
    about: "Writes a device into the person's settings.",
    params: z.object({ device: deviceName }),
    result: nothing,
    event: none,
  },
  'devices.timings': {
    ...runsContract['devices.timings'],
    about: 'The timings by which `auto` chose the device of the runs that the editor knows.',
    params: nothing,
  },
  keepState: {
    about: 'Keeps the state that the panel is restored from, such as a pinned baseline or a typed prompt.',
    params: panelState,
    result: nothing,
    event: none,
  },
  command: {
    about:
      "Runs one of the extension's commands for the panel: exports, the diff editor, review of a run's completions.",
    params: z.object({
      command: z.enum(Object.keys(panelCommands) as [PanelCommand, ...PanelCommand[]]),
      arguments: z.array(z.unknown()).max(4).describe('One, of the shape that `panelCommands` gives.'),
    }),
    result: nothing,
    event: none,
  },
  saveChart: {
    about: 'Saves a drawn chart where the person says; `path` is null where the person cancels.',
    params: z.object({
      name: z.string().min(1).max(200),
      kind: z.enum(['png', 'svg']),
      content: z.string().max(20_000_000).describe('PNG: base64; SVG: the text.'),
    }),
    result: z.object({ path: z.string().nullable() }),
    event: none,
  },
  copy: {
    about: 'Puts text (a Markdown table) on the clipboard.',
    params: z.object({ text: z.string().max(5_000_000) }),
    result: nothing,
    event: none,
  },
} satisfies DescribedContract;

export type PanelContract = typeof panelContract;
