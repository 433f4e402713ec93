/**
 * The language server from the extension's view. It starts when a feature first needs it, starts again after it has
 * died, and is used over one channel. The client library is loaded only then, so that activation costs nothing.
 */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { openClient, type Client, type EventOf, type Params } from '../../server/protocol/messages/channel.ts';
import type { RequestOptions, Result } from '../../server/protocol/messages/channel.ts';
import { RankscopeError, type ErrorDetails } from '../../server/protocol/errors.ts';
import { judgingNotification, type Judging } from '../../server/protocol/messages/editor.ts';
import { lspDuplex } from '../../server/protocol/messages/lspChannel.ts';
import { runsContract, type RunsContract } from '../../server/protocol/messages/runsContract.ts';
import { needsTrust } from '../trust/needsTrust.ts';
import { requireTrust } from '../trust/requireTrust.ts';
import { backOff } from './backOff.ts';
import { createLanguageClient } from './createLanguageClient.ts';
import { errorMessage } from './errorMessage.ts';

interface Session {
  readonly client: LanguageClient;
  readonly channel: Client<RunsContract>;
  close(reason: ErrorDetails): void;
}

export class LanguageServer implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #started = new vscode.EventEmitter<void>();
  readonly #judging = new vscode.EventEmitter<Judging>();
  readonly #patience = backOff();
  #session: Promise<Session> | undefined;
  #live: Session | undefined;
  #again: NodeJS.Timeout | undefined;
  #isOver = false;

  /** Fires whenever the server has started, also after it has died. */
  readonly onDidStart = this.#started.event;

  /** Fires when a document is opened, and when a document starts or stops being judged. */
  readonly onDidTellJudging = this.#judging.event;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#log = log;
  }

  /** Whether the server is running. */
  get running(): boolean {
    return this.#live !== undefined;
  }

  /** Resolves when the server runs, after starting it if necessary. Rejects with `engine` where it cannot start. */
  async start(): Promise<LanguageClient> {
    return (await this.#begin()).client;
  }

  /** Sends a request, after starting the server. Rejects with `usage` where the request needs a trusted workspace. */
  async request<M extends keyof RunsContract>(
    method: M,
    params: Params<RunsContract, M>,
    options?: RequestOptions<EventOf<RunsContract, M>>,
  ): Promise<Result<RunsContract, M>> {
    if (needsTrust(method, params)) requireTrust(vscode.l10n.t('nothing is run and no model is opened.'));
    const { channel } = await this.#begin();
    return channel.request(method, params, options);
  }

  async restart(): Promise<void> {
    this.#patience.reset();
    await this.stop();
    await this.#begin();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#again);
    const ending = this.#session;
    this.#session = undefined;
    this.#live = undefined;
    const old = await ending?.catch(() => undefined);
    old?.close({ code: 'engine', what: 'the language server was stopped' });
    await old?.client
      .stop(5000)
      .catch((error: unknown) => this.#log.warn(`Stopping the server: ${errorMessage(error)}`));
  }

  /** Ends the server for good: later requests, while the window closes, do not start it again. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.stop();
  }

  dispose(): void {
    this.#started.dispose();
    this.#judging.dispose();
    void this.end();
  }

  #begin(): Promise<Session> {
    clearTimeout(this.#again);
    if (this.#isOver) {
      return Promise.reject(new RankscopeError({ code: 'cancelled', what: 'the window is closing' }));
    }
    this.#session ??= this.#opened();
    return this.#session;
  }

  #opened(): Promise<Session> {
    const session = this.#open().catch((error: unknown) => {
      // Another session may have started meanwhile, after the process of this one had died.
      if (this.#session === session) this.#session = undefined;
      const what = `the language server could not start: ${errorMessage(error)}`;
      throw new RankscopeError({ code: 'engine', what, remedy: '"Rankscope: Show Log" tells more.' }, { cause: error });
    });
    return session;
  }

  async #open(): Promise<Session> {
    const client = await createLanguageClient(this.#context, this.#log, () => this.#died());
    let close: Session['close'] = () => undefined;
    const closed = new Promise<ErrorDetails>((resolve) => (close = resolve));
    // The server reports the open documents when it starts.
    client.onNotification(judgingNotification.method, (given: unknown) =>
      this.#judging.fire(judgingNotification.params.parse(given)),
    );
    await client.start();
    const duplex = lspDuplex(
      {
        sendNotification: (method, params) => client.sendNotification(method, params),
        onNotification: (method, handler) => client.onNotification(method, handler),
      },
      closed,
    );
    this.#live = { client, channel: openClient(runsContract, duplex), close };
    this.#log.info('The language server runs.');
    this.#started.fire();
    return this.#live;
  }

  #died(): void {
    if (this.#session === undefined) return;
    const old = this.#live;
    this.#session = undefined;
    this.#live = undefined;
    old?.close({ code: 'engine', what: 'the language server ended' });
    void old?.client.dispose().catch(() => undefined);
    const wait = this.#patience.died(Date.now());
    if (wait === undefined) {
      void this.#tellGaveUp();
      return;
    }
    this.#log.warn(`The language server ended; it is started again in ${wait} ms.`);
    this.#again = setTimeout(
      () => void this.start().catch((error: unknown) => this.#log.error(errorMessage(error))),
      wait,
    );
  }

  async #tellGaveUp(): Promise<void> {
    const startAgain = vscode.l10n.t('Start Again');
    const showLog = vscode.l10n.t('Show Log');
    const message = vscode.l10n.t(
      'The language server of Rankscope ended five times in three minutes and is left alone now.',
    );
    const chosen = await vscode.window.showErrorMessage(message, startAgain, showLog);
    if (chosen === startAgain) await this.restart();
    if (chosen === showLog) this.#log.show();
  }
}
