import { decimal } from '../../measures/text/format.ts';
import { printable } from '../../measures/text/printable.ts';
import type { TextTable } from '../../measures/text/textTable.ts';
import type { ArmSpectrum, ModuleSpectrum, SpectraProgress, SpectraResult } from '../../protocol/run/spectra.ts';
import { trainedFolders } from '../../runs/exports/trainedFolders.ts';
import { type CliContext, type Command, withEngine } from '../options/command.ts';
import { modelReference } from '../options/modelReference.ts';
import { isSet, numberOf, textOf, usage } from '../options/values.ts';
import { textTable } from '../output/textTable.ts';

/** The number of leading vectors that arXiv 2410.21228 compares. */
const usualTop = 10;

export const spectraCommand: Command = {
  name: 'spectra',
  summary: 'Singular values of what each arm changed: its energy, the rank that holds 90 % of it, intruder dimensions.',
  usage: 'RUN_OR_ADAPTER [--arm ARM] [--modules] [--json] [options]',
  help: [
    ['--arm ARM', 'this arm of the run alone'],
    ['--model M', 'the base model, where the folder of an adapter or a model does not name it'],
    [
      '--top K',
      `leading singular vectors that are looked at for intruders (default: ${usualTop}); 0: none, much faster`,
    ],
    ['--modules', 'a table of every matrix too'],
    ['--json', 'one object: {"top","arms"}, with all singular values of every matrix'],
  ],
  examples: ['rankscope spectra runs/first', 'rankscope spectra adapters/r8 --model models/gpt2 --modules --top 0'],
  options: {
    arm: { type: 'string' },
    model: { type: 'string' },
    top: { type: 'string' },
    modules: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  positionals: [1, 1],
  async run({ positionals: [folder = ''], values }, context) {
    const top = numberOf(values, 'top', { least: 0, most: 1000 }) ?? usualTop;
    const { model: named, arms, without } = await trainedFolders(folder, textOf(values, 'arm'));
    const model = textOf(values, 'model') ?? named;
    if (model === undefined) throw usage('the folder does not name its base model: --model is missing');
    for (const id of without) context.tell(`${printable(id)} has no weights and is left out\n`);
    const params = { model: modelReference(model), arms: [...arms], top };
    const { signal } = context;
    const result = await withEngine(context, ({ client }) =>
      client.request('spectra', params, { onEvent: progress(context), signal }),
    );
    context.write(
      isSet(values, 'json') ? `${JSON.stringify({ top, ...result })}\n` : text(result, isSet(values, 'modules')),
    );
    return 0;
  },
};

/** Prints a line for about every tenth of the work. */
function progress(context: CliContext): (event: SpectraProgress) => void {
  let told = 0;
  return ({ done, total }) => {
    const tenth = Math.floor((10 * done) / total);
    if (tenth > told) context.tell(`${done} of ${total} matrices\n`);
    told = tenth;
  };
}

function text({ arms }: SpectraResult, withModules: boolean): string {
  const all = textTable(armTable(arms));
  if (!withModules) return all;
  return [all, ...arms.map((arm) => `${printable(arm.arm)}\n${textTable(moduleTable(arm))}`)].join('\n');
}

const valueTitles = ['energy', 'rank of 90 %', 'largest singular value'];

function armTable(arms: readonly ArmSpectrum[]): TextTable {
  return {
    header: ['arm', 'matrices', ...valueTitles, 'intruders'],
    rows: arms.map(({ arm, modules, energy, medianRankOf90, largestRankOf90, largestValue, intruders }) => [
      arm,
      String(modules.length),
      decimal(energy),
      `${medianRankOf90} (at most ${largestRankOf90})`,
      decimal(largestValue),
      intruders ? `${intruders.found} of ${intruders.of}` : 'not asked for',
    ]),
  };
}

function moduleTable({ modules }: ArmSpectrum): TextTable {
  return {
    header: ['matrix', ...valueTitles, 'intruders'],
    rows: modules.map(({ module, energy, rankOf90, singularValues: [largest = 0], ...rest }) => [
      module,
      decimal(energy),
      String(rankOf90),
      decimal(largest),
      intruders(rest),
    ]),
  };
}

function intruders({ intruders: found, cosines }: Pick<ModuleSpectrum, 'intruders' | 'cosines'>): string {
  return found === undefined ? 'not asked for' : `${found} of ${cosines?.length ?? 0}`;
}
