/** The engine process: answers the requests of protocol/messages/worker.ts with an engine host until its parent ends. */
import { serve, type Duplex, type Handlers } from '../protocol/messages/channel.ts';
import type { WorkerContract } from '../protocol/messages/worker.ts';
import { workerContract } from '../protocol/messages/worker.ts';
import type { EngineHost } from './host/engineHost.ts';
import { answerGenerate } from './requests/answerGenerate.ts';
import { answerJudge } from './requests/answerJudge.ts';
import { answerLens } from './requests/answerLens.ts';
import { answerLogits } from './requests/answerLogits.ts';
import { answerSpectra } from './requests/answerSpectra.ts';
import { createJudgeKeeper, type JudgeKeeper } from './judges/judgeKeeper.ts';
import { surveyBase } from './estimate/surveyBase.ts';
import { checkSweep } from './sweep/checkSweep.ts';
import { estimateSweep } from './estimate/estimateSweep.ts';
import { mergeAdapter } from './requests/mergeAdapter.ts';
import { ModelKeeper } from './requests/modelKeeper.ts';
import { shrinkAdapter } from './requests/shrinkAdapter.ts';
import { createSweepHandlers, type SweepHandlers } from './sweep/sweepHandlers.ts';

export interface WorkerOptions {
  readonly onFault?: (error: unknown) => void;
}

/** Serves `duplex`. Returns a function that resolves when no run is being written any more, for an orderly exit. */
export function startWorker(
  host: EngineHost,
  duplex: Duplex,
  options: WorkerOptions = {},
): { settled(): Promise<void> } {
  const sweeps = createSweepHandlers(host);
  serve(workerContract, duplex, handlersOf(host, sweeps, createJudgeKeeper(host)), options);
  return { settled: () => sweeps.settled() };
}

function handlersOf(host: EngineHost, sweeps: SweepHandlers, judges: JudgeKeeper): Handlers<WorkerContract> {
  const models = new ModelKeeper(host);
  return {
    ping: () => Promise.resolve({ pid: process.pid, runtimeVersion: host.runtimeVersion, node: process.version }),
    devices: async () => [...(await host.devices())],
    'models.list': async () => [...(await host.localModels())],
    'models.describe': async ({ model }, { signal }) => host.describeModel(model, signal),
    ...sweeps.handlers,
    'sweep.check': ({ file }) => checkSweep(file),
    'sweep.survey': (params, context) => surveyBase(host, params, context),
    'sweep.estimate': (params, context) => estimateSweep(host, params, context),
    generate: (params, context) => answerGenerate(models, params, context),
    logits: (params, context) => answerLogits(host, params, context),
    lens: (params, context) => answerLens(host, params, context),
    'export.merged': async (params, { signal }) => {
      await mergeAdapter(params, signal);
      return null;
    },
    'export.shrunk': (params) => shrinkAdapter(params),
    spectra: (params, context) => answerSpectra(params, context),
    judge: (params, context) => answerJudge(judges, params, context),
  };
}
