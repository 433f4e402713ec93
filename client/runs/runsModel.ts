/** The runs that the editor knows. It follows each live run, so that trees, status bar and lenses show its progress. */
import * as vscode from 'vscode';
import type { RunSummary, RunView } from '../../server/protocol/messages/runsContract.ts';
import type { LanguageServer } from '../server/languageServer.ts';
import { errorMessage, wasCancelled } from '../server/errorMessage.ts';
import { rememberRun, runFolders } from '../workspace/runFolders.ts';
import { isLive } from './runStatus.ts';

interface Followed {
  readonly ended: Promise<RunView | undefined>;
  readonly listeners: Set<(view: RunView) => void>;
  readonly stop: AbortController;
}

/** The smallest budget of points for a curve, since no curve is shown here. */
const points = 10;
/** Time before a run is followed again after that has failed, ms. */
const pause = 5000;

const pinned = (run: string): string => `rankscope.baseline ${run}`;

export class RunsModel implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #server: LanguageServer;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #ended = new vscode.EventEmitter<RunView>();
  readonly #views = new Map<string, RunView>();
  readonly #followed = new Map<string, Followed>();
  readonly #leftAt = new Map<string, number>();
  #runs: readonly RunSummary[] = [];

  readonly onDidChange = this.#changed.event;
  /** Fires when a run that was live has ended. */
  readonly onDidEnd = this.#ended.event;

  constructor(context: vscode.ExtensionContext, server: LanguageServer, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#server = server;
    this.#log = log;
  }

  /** The runs, newest first. */
  get runs(): readonly RunSummary[] {
    return this.#runs;
  }

  /** The latest view of a run that is or was followed. */
  view(run: string): RunView | undefined {
    return this.#views.get(run);
  }

  /** The current view of any run. Undefined where it cannot be read. */
  async look(run: string): Promise<RunView | undefined> {
    const known = this.#views.get(run);
    if (known !== undefined && this.#followed.has(run)) return known;
    return new Promise((resolve) => void this.follow(run, resolve).then(resolve));
  }

  /** The newest run of a sweep file, or of all files. */
  last(file?: string): RunSummary | undefined {
    return this.#runs.find((one) => file === undefined || one.file === file);
  }

  /** The baseline of a run's differences: the pinned arm, or the base. */
  baseline(run: string): string {
    return this.#context.workspaceState.get<string>(pinned(run), 'base');
  }

  async pin(run: string, arm: string): Promise<void> {
    await this.#context.workspaceState.update(pinned(run), arm);
    this.#changed.fire();
  }

  async refresh(): Promise<void> {
    this.#runs = await this.#server.request('runs.list', { folders: [...(await runFolders(this.#context))] });
    for (const { run, state } of this.#runs) {
      const left = this.#leftAt.get(run) ?? 0;
      if (isLive(state) && Date.now() - left > pause) void this.follow(run);
    }
    this.#changed.fire();
  }

  /** Follows a run until it has ended. Concurrent calls share one promise. Never rejects. */
  follow(run: string, onView?: (view: RunView) => void): Promise<RunView | undefined> {
    let one = this.#followed.get(run);
    if (one === undefined) {
      const listeners = new Set<(view: RunView) => void>();
      const stop = new AbortController();
      one = { listeners, stop, ended: this.#watch(run, listeners, stop.signal) };
      this.#followed.set(run, one);
    }
    if (onView !== undefined) one.listeners.add(onView);
    return one.ended;
  }

  /** Stores where the run is, and follows it. */
  async adopt(run: string): Promise<void> {
    await rememberRun(this.#context, run);
    this.#leftAt.delete(run);
    void this.follow(run);
    await this.refresh();
  }

  dispose(): void {
    for (const { stop } of this.#followed.values()) stop.abort();
    this.#changed.dispose();
    this.#ended.dispose();
  }

  async #watch(run: string, listeners: ReadonlySet<(view: RunView) => void>, signal: AbortSignal) {
    const seen = { live: false };
    const onEvent = ({ view }: { view: RunView }) => {
      seen.live ||= isLive(view.state);
      this.#views.set(run, view);
      for (const listener of listeners) listener(view);
      this.#changed.fire();
    };
    try {
      await this.#server.request('run.watch', { run, points }, { onEvent, signal });
    } catch (error) {
      if (!wasCancelled(error)) this.#log.warn(`Following ${run}: ${errorMessage(error)}`);
    }
    this.#followed.delete(run);
    this.#leftAt.set(run, Date.now());
    const last = this.#views.get(run);
    // A run that had ended before the first view is not reported as ended.
    if (signal.aborted || !seen.live) return last;
    if (last !== undefined && !isLive(last.state)) this.#ended.fire(last);
    await this.refresh().catch((error: unknown) => this.#log.warn(`Listing runs: ${errorMessage(error)}`));
    return last;
  }
}
