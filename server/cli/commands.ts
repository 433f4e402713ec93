/** Every command of `rankscope`, in the order of its help. */
import type { Command } from './options/command.ts';
import { agreementCommand } from './commands/agreement.ts';
import { cacheCommand } from './commands/cache.ts';
import { devicesCommand } from './commands/devices.ts';
import { estimateCommand } from './commands/estimate.ts';
import { exportCommand } from './commands/export.ts';
import { gateCommand } from './commands/gate.ts';
import { generateCommand } from './commands/generate.ts';
import { judgeCommand } from './commands/judge.ts';
import { lensCommand } from './commands/lens.ts';
import { logitsCommand } from './commands/logits.ts';
import { modelsCommand } from './commands/models.ts';
import { planCommand } from './commands/plan.ts';
import { reportCommand } from './commands/report.ts';
import { reproduceCommand } from './commands/reproduce.ts';
import { resumeCommand } from './commands/resume.ts';
import { spectraCommand } from './commands/spectra.ts';
import { sweepCommand } from './commands/sweep.ts';
import { trendCommand } from './commands/trend.ts';

export const commands: readonly Command[] = [
  sweepCommand,
  reproduceCommand,
  estimateCommand,
  planCommand,
  resumeCommand,
  reportCommand,
  gateCommand,
  trendCommand,
  exportCommand,
  generateCommand,
  logitsCommand,
  lensCommand,
  spectraCommand,
  judgeCommand,
  agreementCommand,
  modelsCommand,
  devicesCommand,
  cacheCommand,
];
