/** The reference part of docs/protocol.md: every message that crosses a process, and every file of a run, from the schemas. */
import { z } from 'zod';
import { answeredSchema, askedSchema, type DescribedContract } from '../../server/protocol/messages/channel.ts';
import {
  classificationResult,
  classificationSummary,
  storedPrediction,
} from '../../server/protocol/run/classificationRun.ts';
import { deviceChoice } from '../../server/protocol/devices/deviceChoice.ts';
import { probeAnswer, probeRequest } from '../../server/protocol/devices/deviceTrial.ts';
import * as editor from '../../server/protocol/messages/editor.ts';
import { editorCommands } from '../../server/protocol/messages/editorCommands.ts';
import { errorCodes, errorDetailsSchema } from '../../server/protocol/errors.ts';
import { estimateSchema } from '../../server/protocol/run/estimate.ts';
import { judgeSpec } from '../../server/protocol/sweep/judgeSpec.ts';
import { labelRecord } from '../../server/protocol/labelRecord.ts';
import { lensResultSchema } from '../../server/protocol/run/lens.ts';
import { panelCommands, panelContract, forwarded } from '../../server/protocol/messages/panelContract.ts';
import { panelState } from '../../server/protocol/messages/panelStates.ts';
import { precision } from '../../server/protocol/sweep/precision.ts';
import * as run from '../../server/protocol/run/run.ts';
import { runsContract } from '../../server/protocol/messages/runsContract.ts';
import { armVerdictSchema, runVerdictSchema } from '../../server/protocol/run/runVerdict.ts';
import { spectraResultSchema } from '../../server/protocol/run/spectra.ts';
import { sweepFileSchema } from '../../server/protocol/sweep/experiments.ts';
import { verdictDeclarationSchema } from '../../server/protocol/sweep/verdictDeclaration.ts';
import { workerContract } from '../../server/protocol/messages/worker.ts';
import { runRecordSchema } from '../../server/runs/runRecord.ts';
import { describeSchema, type NamedSchemas, type Side } from './describeSchema.ts';

/** Types that several messages share, each with a section of its own at the end. */
const types = {
  Error: errorDetailsSchema,
  Estimate: estimateSchema,
  Judge: judgeSpec,
  Arm: run.armDescriptionSchema,
  'Arm metrics': run.armMetricsSchema,
  'Run metrics': run.runMetricsSchema,
  'Round result': run.roundResultSchema,
  'Run event': run.runEventSchema,
  'Run verdict': runVerdictSchema,
  'Arm verdict': armVerdictSchema,
  'Verdict declaration': verdictDeclarationSchema,
  'Classification result': classificationResult,
  'Classification summary': classificationSummary,
  'Device choice': deviceChoice,
  Precision: precision,
  Lens: lensResultSchema,
  Spectra: spectraResultSchema,
  'Panel state': panelState,
} satisfies Readonly<Record<string, z.ZodType>>;

/** Described in media/sweep.schema.json. */
const sweepFile = 'Sweep file';

const named: NamedSchemas = new Map<z.ZodType, string>([
  ...Object.entries(types).map(([name, schema]) => [schema, name] as const),
  [sweepFileSchema, sweepFile],
]);

/** The files of a run folder that hold JSON, by their names. */
const files = {
  'run.json': runRecordSchema,
  'events.jsonl': run.runEventSchema,
  'metrics.json': run.runMetricsSchema,
  'prompts.jsonl': run.storedPromptSchema,
  'tuning.jsonl': run.tuningTrialSchema,
  'rounds.jsonl': run.roundResultSchema,
  'lens.jsonl': lensResultSchema,
  'arms/ARM/metrics.json': run.armMetricsSchema,
  'arms/ARM/completions.jsonl': run.storedCompletionSchema,
  'arms/ARM/verdicts.jsonl': run.storedVerdictSchema,
  'arms/ARM/divergence.jsonl': run.storedDivergenceSchema,
  'arms/ARM/predictions.jsonl': storedPrediction,
} satisfies Readonly<Record<string, z.ZodType>>;

export interface Reference {
  readonly text: string;
  /** Every schema that is described in it. */
  readonly seen: ReadonlySet<z.ZodType>;
}

/** The sections, as Markdown that Prettier has not formatted yet. */
export function protocolReference(): Reference {
  const sections = new Sections();
  const lines = [
    ...channelMessages(sections),
    ...editorMessages(sections),
    ...['### Sweeps and runs', '', ...sections.methods(runsContract)],
    ...panelMessages(sections),
    ...['### The engine process', '', ...sections.methods(workerContract), ...deviceTrial(sections)],
    ...runFiles(sections),
    ...['### Types', ''],
    ...Object.entries(types).flatMap(([name, schema]) => sections.ofType(name, schema)),
    ...[`#### ${sweepFile}`, '', 'See [media/sweep.schema.json](../media/sweep.schema.json).', ''],
  ];
  return { text: lines.join('\n'), seen: sections.seen };
}

/** Writes sections, and remembers which schemas they describe. */
class Sections {
  readonly seen = new Set<z.ZodType>([sweepFileSchema]);

  /** `Parameters: object`, with its fields beneath; nothing where no such message exists. */
  part(title: string, schema: z.ZodType, side: Side): readonly string[] {
    if (schema instanceof z.ZodNever) return [];
    const { type, about, lines } = describeSchema(schema, { named, side, seen: this.seen });
    return [`${title}: ${type}${about === '' ? '' : `. ${about}`}`, '', ...lines, ''];
  }

  ofType(title: string, schema: z.ZodType, side: Side = 'output'): readonly string[] {
    const { type, about, lines } = describeSchema(schema, { named, side, seen: this.seen }, '', true);
    const first = [about, lines.length === 0 ? `Type: ${type}.` : ''].filter((text) => text !== '').join(' ');
    return [`#### ${title}`, '', first, '', ...lines, ''];
  }

  methods(contract: DescribedContract): readonly string[] {
    return Object.entries(contract).flatMap(([name, { about, params, event, result }]) => [
      ...intro(name, about),
      ...this.part('Parameters', params as z.ZodType, 'input'),
      ...this.part('Event', event as z.ZodType, 'output'),
      ...this.part('Result', result as z.ZodType, 'output'),
    ]);
  }
}

const intro = (name: string, about: string): readonly string[] => [`#### \`${name}\``, '', about, ''];

function channelMessages(sections: Sections): readonly string[] {
  return [
    ...['### Messages of a channel', ''],
    ...sections.ofType('Asked', askedSchema),
    ...sections.ofType('Answered', answeredSchema),
    ...['#### Error codes', '', ...Object.entries(errorCodes).map(([code, about]) => `- \`${code}\`: ${about}`), ''],
  ];
}

function editorMessages(sections: Sections): readonly string[] {
  const notifications = [editor.visibleNotification, editor.judgingNotification];
  const commands = Object.entries(editorCommands).flatMap(([name, { about, params, result }]) => [
    ...intro(name, about),
    ...sections.part('Argument', params, 'input'),
    ...sections.part('Answer', result, 'output'),
  ]);
  return [
    ...['### Editor and language server', ''],
    ...sections.ofType('Initialization options', editor.editorOptions, 'input'),
    ...sections.ofType('Settings', editor.editorSettings, 'input'),
    ...notifications.flatMap(({ method, about, params }) => [
      ...intro(method, about),
      ...sections.part('Parameters', params, 'output'),
    ]),
    ...commands,
    ...intro(editor.askReasonCommand, editor.askReasonAbout),
    ...intro(editor.useColumnCommand, editor.useColumnAbout),
    ...sections.part('Argument', editor.useColumnArguments, 'output'),
    ...sections.ofType('A line of a label file', labelRecord),
  ];
}

function panelMessages(sections: Sections): readonly string[] {
  const passedOn = new Set(Object.keys(forwarded));
  const own = Object.fromEntries(Object.entries(panelContract).filter(([name]) => !passedOn.has(name)));
  const list = [...passedOn].map((name) => `\`${name}\``).join(', ');
  return [
    ...['### Panels', ''],
    `The extension passes these requests of a panel on to the language server: ${list}. It answers the following itself.`,
    ...['', ...sections.methods(own)],
    ...['The request `command` runs one of these commands, with one argument each.', ''],
    ...Object.entries(panelCommands).flatMap(([name, schema]) => sections.ofType(`\`${name}\``, schema, 'input')),
  ];
}

function deviceTrial(sections: Sections): readonly string[] {
  return [
    ...['#### A trial of a device', ''],
    'A process of its own tries a device. It gets the request as JSON on its command line, and sends one answer.',
    '',
    ...sections.part('Request', probeRequest, 'input'),
    ...sections.part('Answer', probeAnswer, 'output'),
  ];
}

function runFiles(sections: Sections): readonly string[] {
  return [
    ...['### Files of a run', '', 'Files whose names end in `.jsonl` hold an object a line.', ''],
    ...Object.entries(files).flatMap(([name, schema]) =>
      named.has(schema)
        ? [`#### \`${name}\``, '', ...sections.part('Type', schema, 'output')]
        : sections.ofType(`\`${name}\``, schema),
    ),
  ];
}
