import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EngineProcess } from '../../../launch/localProcess.ts';
import { serve } from '../../../protocol/messages/channel.ts';
import { RankscopeError, type ErrorDetails } from '../../../protocol/errors.ts';
import { lspDuplex } from '../../../protocol/messages/lspChannel.ts';
import { runsContract } from '../../../protocol/messages/runsContract.ts';
import { logFault } from '../../session/faultLog.ts';
import type { ServerState } from '../../session/serverState.ts';
import { folderOf, withAbsolutePaths } from '../../session/workspacePaths.ts';
import { cacheFolder } from '../../../launch/cacheFolder.ts';
import { installCuda } from '../../../launch/installCuda.ts';
import { deviceHandlers } from './deviceHandlers.ts';
import { FollowedRuns } from '../live/followedRuns.ts';
import { PromptEngine } from './promptEngine.ts';
import { createReviewHandlers } from '../review/reviewHandlers.ts';
import { RunningSweeps } from '../ownership/runningSweeps.ts';
import { startedHere } from '../ownership/startedHere.ts';
import { estimateHandlers, modelHandlers, resultHandlers, runHandlers } from './runsHandlers.ts';

/**
 * Answers an editor's requests about sweeps and runs (runsContract.ts) over the notification of lspChannel.ts. A
 * client that never sends one costs nothing: engines start when they are first needed. Returns a function that ends
 * everything.
 */
export function serveRuns(state: ServerState): () => Promise<void> {
  const { connection, host } = state;
  const launch = host.launchEngine ?? noEngine;
  const now = () => host.now();
  const log = (what: string) => connection.console.warn(what);
  const here = startedHere(host.startedFolder ?? join(cacheFolder(process.env), 'started'));
  const sweeps: RunningSweeps = new RunningSweeps({
    launch,
    now,
    log,
    here,
    news: (run, event) => runs.news(run, event),
  });
  const runs = new FollowedRuns((run) => sweeps.status(run));
  const engine = new PromptEngine(launch, now);
  const review = createReviewHandlers(state);
  const ports = {
    launch,
    sweeps,
    runs,
    engine,
    here,
    now,
    device: () => state.settings.device,
    log,
    openJudge: (spec: Parameters<typeof host.openJudge>[0]) => host.openJudge(spec),
    usualJudge: (run: string) =>
      withAbsolutePaths(state.settings.judge, folderOf(pathToFileURL(run).href, state.folders)),
  };
  let close: (reason: ErrorDetails) => void = () => undefined;
  const closed = new Promise<ErrorDetails>((resolve) => (close = resolve));
  serve(
    runsContract,
    lspDuplex(connection, closed),
    {
      ...runHandlers(ports),
      ...resultHandlers(ports),
      ...modelHandlers(ports),
      ...estimateHandlers(ports),
      ...deviceHandlers({ install: host.installCuda ?? installCuda, log: ports.log }),
      ...review.handlers,
    },
    { onFault: (error) => logUnlessCancelled(state, error) },
  );
  return async () => {
    close({ code: 'engine', what: 'The language server is shutting down.' });
    review.dispose();
    await Promise.all([sweeps.dispose(), engine.dispose()]);
  };
}

function logUnlessCancelled({ connection }: ServerState, error: unknown): void {
  if (error instanceof RankscopeError && error.code === 'cancelled') return;
  logFault(connection, error);
}

function noEngine(): EngineProcess {
  throw new RankscopeError({
    code: 'engine',
    what: 'This server cannot start an engine process.',
    remedy: 'Use the command line.',
  });
}
