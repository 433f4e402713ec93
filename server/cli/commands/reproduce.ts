import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../runs/atomicWrite.ts';
import { readRun } from '../../runs/readRun.ts';
import { reportOf } from '../../report/report.ts';
import { reportHtml } from '../../report/reportHtml.ts';
import { reportMarkdown } from '../../report/reportMarkdown.ts';
import { printable } from '../../measures/text/printable.ts';
import type { Claim } from '../../report/reproduction/claim.ts';
import type { Reproduction } from '../../report/reproduction.ts';
import { withEngine, type CliContext, type Command, type Values } from '../options/command.ts';
import { modelReference } from '../options/modelReference.ts';
import { items, type Dataset, type Ingredients, type RecipeSweep } from '../recipes/recipe.ts';
import { recipes } from '../recipes/recipes.ts';
import { tunedSweep } from '../recipes/tunedSweep.ts';
import { followSweep } from '../output/followSweep.ts';
import { textTable } from '../output/textTable.ts';
import { choiceOf, numberOf, requiredText, textOf, textsOf, usage } from '../options/values.ts';

const datasetNames: Readonly<Record<string, Dataset>> = {
  imdb: 'IMDb',
  sst2: 'SST2',
  'rotten-tomatoes': 'Rotten Tomatoes',
};

export const reproduceCommand: Command = {
  name: 'reproduce',
  summary: 'Repeat a table or figure of the paper (arXiv 2405.18572) on a model of your own.',
  usage: `${items.join('|')} --model M [--scale small|paper] [--data FOLDER] [--out FOLDER]`,
  help: [
    ...items.map((item) => [item, recipes[item].summary] as const),
    ['--model M', 'folder, GGUF file or hub id; an encoder such as BERT classifies by a head'],
    ['--settings S', "paper: the paper's; tuned: rates chosen by held-out loss, alpha 32; both (default)"],
    ['--scale S', 'small: minutes on two cores (default); paper: all data, the ranks and settings of the paper'],
    ['--data FOLDER', 'holds the data files by their usual names (default: data)'],
    ['--dataset D', 'imdb, sst2 or rotten-tomatoes; may be repeated (default: imdb and sst2)'],
    ['--seeds N', 'arms of each kind (default: 1)'],
    ['--pairs FILE', 'pairs of prompt and kind completion, instead of a generator (figure2, figure6, honest-race)'],
    ['--generator M', 'model that writes the counterfactuals (default: the model itself)'],
    ['--judge M', 'model that judges, as the paper has it (default: the built-in word list)'],
    ['--threads N', 'threads of a matrix product (default: the runtime chooses)'],
    ['--out FOLDER', 'folder for sweep files, runs and reports (default: runs/ITEM)'],
  ],
  examples: [
    'rankscope reproduce table1 --model models/gpt2 --data data --out runs/table1',
    'rankscope reproduce figure2 --model models/smollm2 --pairs data/pairs.jsonl --scale small',
  ],
  options: {
    ...Object.fromEntries(
      ['model', 'settings', 'scale', 'data', 'seeds', 'pairs', 'generator', 'judge', 'threads', 'out'].map((name) => [
        name,
        { type: 'string' as const },
      ]),
    ),
    dataset: { type: 'string', multiple: true },
  },
  positionals: [1, 1],
  async run({ positionals: [name = ''], values }, context) {
    const item = items.find((each) => each === name);
    if (item === undefined) throw usage(`"${name}" has no recipe; there are ${items.join(', ')}`);
    const given = await ingredients(item, values, context);
    const out = resolve(textOf(values, 'out') ?? join('runs', item));
    const settings = choiceOf(values, 'settings', ['both', 'paper', 'tuned']) ?? 'both';
    await mkdir(out, { recursive: true });
    let status = 0;
    for (const { name: of, sweep } of recipes[item].sweeps(given)) {
      const asked = { paper: { name: of, sweep }, tuned: { name: `${of}-tuned`, sweep: tunedSweep(sweep) } };
      const paper = settings === 'tuned' ? undefined : await reproduceOne(out, item, asked.paper, context);
      const tuned = settings === 'paper' ? undefined : await reproduceOne(out, item, asked.tuned, context);
      if (paper?.found && tuned?.found) tellBoth(paper.found.claims, tuned.found.claims, context);
      status = Math.max(status, paper?.status ?? 0, tuned?.status ?? 0);
    }
    return status;
  },
};

async function ingredients(item: Ingredients['item'], values: Values, context: CliContext): Promise<Ingredients> {
  const model = modelReference(requiredText(values, 'model'));
  const pairs = textOf(values, 'pairs');
  const judge = textOf(values, 'judge');
  const described = await withEngine(context, ({ client }) =>
    client.request('models.describe', { model }, { signal: context.signal }),
  );
  const isEncoder = described.task === 'sequence-classification';
  if (isEncoder && recipes[item].experiment === 'toxicity') {
    throw usage(`${item} completes prompts, which the ${described.family} model ${model} does not`);
  }
  return {
    item,
    model,
    isEncoder,
    parameters: described.parameters,
    scale: choiceOf(values, 'scale', ['small', 'paper']) ?? 'small',
    data: resolve(textOf(values, 'data') ?? 'data'),
    datasets: datasetsOf(values),
    seeds: numberOf(values, 'seeds', { least: 1, most: 100 }) ?? 1,
    threads: numberOf(values, 'threads', { least: 0, most: 1024 }) ?? 0,
    generator: modelReference(textOf(values, 'generator') ?? model),
    ...(pairs !== undefined && { pairs: resolve(pairs) }),
    ...(judge !== undefined && { judge: modelReference(judge) }),
  };
}

function datasetsOf(values: Values): readonly Dataset[] {
  const given = textsOf(values, 'dataset');
  const names = given.length > 0 ? given : ['imdb', 'sst2'];
  return names.map((name) => {
    const found = datasetNames[name];
    if (found) return found;
    throw usage(`--dataset is "${name}", and must be one of ${Object.keys(datasetNames).join(', ')}`);
  });
}

/**
 * Shows the claims of both settings side by side. A claim that holds at the paper's settings alone is about those
 * settings.
 */
function tellBoth(paper: readonly Claim[], tuned: readonly Claim[], context: CliContext): void {
  const rows = paper.map(({ claim, verdict }) => {
    return [claim, verdict, tuned.find((own) => own.claim === claim)?.verdict ?? 'undecided'];
  });
  const header = ["the paper's claim", "at the paper's settings", 'with rates tuned'];
  context.write(`\n${textTable({ header, rows })}`);
}

interface Reproduced {
  readonly status: number;
  readonly found: Reproduction | undefined;
}

/** Writes the sweep file, runs it (or resumes a run that was begun before), and writes its report. */
async function reproduceOne(
  out: string,
  item: string,
  { name, sweep }: RecipeSweep,
  context: CliContext,
): Promise<Reproduced> {
  const [file, run] = [join(out, `${name}.sweep.json`), join(out, name)];
  const isBegun = existsSync(join(run, 'run.json'));
  if (!isBegun) await writeFileAtomic(file, `${JSON.stringify(sweep, null, 2)}\n`);
  const isFinished = isBegun && (await readRun(run)).state === 'finished';
  if (isFinished) context.tell(`${printable(run)} is finished already; delete it to run it again.\n`);
  const status = isFinished
    ? 0
    : await followSweep(
        {
          run,
          json: false,
          ask: ({ client }, options) =>
            isBegun
              ? client.request('sweep.resume', { run }, options)
              : client.request('sweep.start', { file, run }, options),
        },
        context,
      );
  const data = await reportOf(await readRun(run));
  const report = join(out, `${item}-${name}`);
  await writeFileAtomic(`${report}.html`, reportHtml(data));
  await writeFileAtomic(`${report}.md`, reportMarkdown(data));
  tellReproduction(data.reproduction, report, context);
  return { status, found: data.reproduction };
}

function tellReproduction(found: Reproduction | undefined, report: string, context: CliContext): void {
  for (const { title, table } of found?.tables ?? []) context.write(`\n${title}\n\n${textTable(table)}`);
  const claims = found?.claims ?? [];
  context.write(
    `\n${claims.map((claim) => `- ${printable(`${claim.verdict}: ${claim.claim} ${claim.because}`)}\n`).join('')}`,
  );
  context.write((found?.differences ?? []).map((difference) => `- ${printable(difference)}\n`).join(''));
  context.write(`\nReport: ${printable(report)}.html and .md\n`);
}
