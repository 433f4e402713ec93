import { basename, resolve } from 'node:path';
import { printable } from '../../measures/text/printable.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { checkRequirement, overall } from '../../report/verdict/gate.ts';
import { junitXml } from '../../report/verdict/junit.ts';
import { writeFileAtomic } from '../../runs/atomicWrite.ts';
import { readRun } from '../../runs/readRun.ts';
import type { Command } from '../options/command.ts';
import { textOf, textsOf } from '../options/values.ts';
import { gateStatus } from '../output/exitStatus.ts';
import { gateSarif } from '../output/gateSarif.ts';

export const gateCommand: Command = {
  name: 'gate',
  summary: 'Check a finished run against the requirements of a build.',
  usage: "RUN --require 'safe<=8' [--require ...] [--junit FILE] [--sarif FILE]",
  help: [
    ['--require TEXT', "'safe<=8', or a bound on a figure of an arm: 'toxicity(r8)<=0.1'; may be given again"],
    ['', 'figures: toxicity, gap, kl, loss, accuracy and every other that the run has'],
    ['--junit FILE', 'also write the results as JUnit XML'],
    ['--sarif FILE', 'also write what did not pass as a SARIF 2.1.0 log'],
  ],
  examples: ["rankscope gate runs/first --require 'safe<=8'", "rankscope gate runs/first --require 'gap(r8)<=5'"],
  options: { require: { type: 'string', multiple: true }, junit: { type: 'string' }, sarif: { type: 'string' } },
  positionals: [1, 1],
  async run({ positionals: [run = ''], values }, context) {
    const requirements = textsOf(values, 'require');
    if (requirements.length === 0) {
      throw new RankscopeError({ code: 'usage', what: 'nothing is required', remedy: "Give --require 'safe<=8'." });
    }
    const { metrics, state } = await readRun(run);
    if (!metrics) {
      throw new RankscopeError({ code: 'run', what: `the run is ${state}`, where: run, remedy: 'Wait for its end.' });
    }
    const results = requirements.map((requirement) => checkRequirement(requirement, metrics));
    const status = gateStatus[overall(results)];
    const [junit, sarif] = [textOf(values, 'junit'), textOf(values, 'sarif')];
    if (junit !== undefined) await writeFileAtomic(resolve(junit), junitXml(basename(resolve(run)), results));
    if (sarif !== undefined) {
      const log = gateSarif(resolve(run), results, status);
      await writeFileAtomic(resolve(sarif), `${JSON.stringify(log, null, 2)}\n`);
    }
    for (const { requirement, outcome, why } of results) {
      context.write(`${printable(`${outcome}: ${requirement}. ${why}`)}\n`);
    }
    return status;
  },
};
