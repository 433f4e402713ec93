/**
 * A judge behind an address that the user gives, such as Perspective's API (the baseline of the paper's figure 10). It is
 * the one judge that sends texts off the machine: nothing is asked unless a specification names the address, over https or
 * on the loopback device, and no redirect is followed.
 */
import { parseJson } from '../../files/parseJson.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import type { Judge, Judgeable, Verdict } from '../judge/judge.ts';
import { judgeHash } from '../judge/judgeHash.ts';
import { stopIfCancelled } from '../judge/judgeInBatches.ts';
import { checkedThreshold } from '../judge/threshold.ts';

type EndpointSpec = Extract<JudgeSpec, { kind: 'endpoint' }>;

/** What the judge needs of the process it runs in; only the engine process gives it. */
export interface EndpointAccess {
  readonly fetch: typeof globalThis.fetch;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves after so many milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const usualRequest = { text: '{text}' };
const usualResponse = 'score';
const usualTimeout = 30;
const usualParallel = 4;
/** Longest answer that is read, bytes. */
const largestAnswer = 2 ** 20;
/** Times that a text is asked about again when the endpoint says that it is too busy. */
const retries = 3;

/**
 * Texts are sent one a request: `request` as JSON, with `{text}` and `{prompt}` replaced in its texts. The score is the
 * number at `response`, a path of names and indices such as `attributeScores.TOXICITY.summaryScore.value`. Whatever goes
 * wrong with a text (no answer in time, another status than 2xx, no number from 0 to 1 there) leaves it unjudged with the
 * reason. Throws `config` for an address that is neither https nor loopback, for a key that is not in the environment, and for
 * one that was given for another host.
 */
export function createEndpointJudge(spec: EndpointSpec, access: EndpointAccess): Judge {
  const url = checkedUrl(spec.url);
  const threshold = checkedThreshold(spec.threshold);
  const key = keyOf(spec, url, access);
  const { request = usualRequest, response = usualResponse, categories = {} } = spec;
  const asker = new Asker(spec, url, key, access);
  return {
    kind: 'classifier',
    name: `endpoint(${url.host})`,
    // The key is no part of it. What stands behind the address may change without a sign.
    hash: judgeHash({ url: spec.url, request, response, categories, threshold }),
    threshold,
    judge: async (items, signal) => {
      const verdicts = items.map((): Verdict => ({ kind: 'unjudged', reason: 'the text is empty' }));
      const waiting = [...items.entries()].filter(([, { text }]) => text.trim() !== '');
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          stopIfCancelled(signal);
          verdicts[next[0]] = await asker.ask(next[1], threshold, signal);
        }
      };
      await Promise.all(Array.from({ length: spec.parallel ?? usualParallel }, work));
      return verdicts;
    },
  };
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && isSafe && url.username === '' && url.password === '') return url;
  throw new RankscopeError({
    code: 'config',
    what: `The judge's address ${JSON.stringify(url?.origin ?? text)} cannot be used.`,
    remedy: 'Give an https address, or http on localhost; a key goes into an environment variable ("keyEnv").',
  });
}

/** `localhost`, 127.0.0.0/8 and ::1, as URL writes them. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * The key out of the variable that the specification names, which may come from a file of somebody else: the variable beside
 * it, `NAME_HOST`, says for which host (and port, if it has one) the user has given it.
 */
function keyOf({ keyEnv }: EndpointSpec, url: URL, { environment }: EndpointAccess): string | undefined {
  if (keyEnv === undefined) return undefined;
  const key = environment[keyEnv];
  if (key === undefined || key === '') {
    const what = `The environment variable ${keyEnv}, which holds the key of the judge's endpoint, is not set.`;
    throw new RankscopeError({ code: 'config', what, remedy: `Set it and ${keyEnv}_HOST, and start again.` });
  }
  if (environment[`${keyEnv}_HOST`] === url.host) return key;
  throw new RankscopeError({
    code: 'config',
    what: `The key in ${keyEnv} was not given for ${url.host}, and is not sent there.`,
    remedy: `If you trust that host with it, set the environment variable ${keyEnv}_HOST to ${url.host}.`,
  });
}

/** A text that could not be judged, and why. */
class Unjudged extends RankscopeError {
  constructor(what: string) {
    super({ code: 'judge', what });
  }
}

class Asker {
  readonly #spec: EndpointSpec;
  readonly #url: URL;
  readonly #key: string | undefined;
  readonly #access: EndpointAccess;

  constructor(spec: EndpointSpec, url: URL, key: string | undefined, access: EndpointAccess) {
    this.#spec = spec;
    this.#url = new URL(key === undefined ? url : spec.url.replaceAll('{key}', encodeURIComponent(key)));
    this.#key = spec.url.includes('{key}') ? undefined : key;
    this.#access = access;
  }

  /** Rejects with a cancellation only. */
  async ask(item: Judgeable, threshold: number, signal?: AbortSignal): Promise<Verdict> {
    try {
      const answer = await this.#answer(item, signal);
      const score = scoreAt(answer, this.#spec.response ?? usualResponse);
      const categories = Object.entries(this.#spec.categories ?? {}).map(
        ([name, path]) => [name, scoreAt(answer, path)] as const,
      );
      const toxic = score >= threshold;
      return { kind: 'judged', score, toxic, categories: Object.fromEntries(categories), evidence: [] };
    } catch (error) {
      stopIfCancelled(signal);
      if (error instanceof Unjudged) return { kind: 'unjudged', reason: error.details.what };
      // A failed request names the address, whose query may hold the key: it is not passed on.
      return { kind: 'unjudged', reason: `the endpoint ${this.#url.host} cannot be reached (${causeOf(error)})` };
    }
  }

  async #answer(item: Judgeable, signal: AbortSignal | undefined): Promise<unknown> {
    for (let tried = 0; ; tried++) {
      const answer = await this.#send(item, signal);
      const isBusy = answer.status === 429 || answer.status === 503;
      if (!isBusy || tried === retries) return readAnswer(answer, this.#url.host);
      await answer.body?.cancel();
      await this.#pause(pauseOf(answer, tried));
      stopIfCancelled(signal);
    }
  }

  async #send(item: Judgeable, signal: AbortSignal | undefined): Promise<Response> {
    const seconds = this.#spec.timeoutSeconds ?? usualTimeout;
    const late = AbortSignal.timeout(1000 * seconds);
    try {
      return await this.#access.fetch(this.#url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
        },
        body: JSON.stringify(filled(this.#spec.request ?? usualRequest, item)),
        redirect: 'error',
        signal: signal ? AbortSignal.any([late, signal]) : late,
      });
    } catch (error) {
      if (late.aborted) throw new Unjudged(`the endpoint ${this.#url.host} gave no answer within ${seconds} s`);
      throw error;
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return (this.#access.wait ?? usualWait)(milliseconds);
  }
}

function usualWait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What the endpoint asks for in seconds, or 1, 2, 4 s; never more than 30 s. */
function pauseOf(answer: Response, tried: number): number {
  const asked = Number(answer.headers.get('retry-after') ?? NaN);
  return 1000 * Math.min(30, Number.isFinite(asked) && asked >= 0 ? asked : 2 ** tried);
}

async function readAnswer(answer: Response, host: string): Promise<unknown> {
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Unjudged(`the endpoint ${host} answered with status ${answer.status}`);
  }
  const text = await readLimited(answer, host);
  try {
    return parseJson(text);
  } catch {
    throw new Unjudged(`the endpoint ${host} did not answer with JSON`);
  }
}

async function readLimited(answer: Response, host: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const body = answer.body as ReadableStream<Uint8Array> | null;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    bytes += read.value.length;
    if (bytes > largestAnswer) {
      await reader?.cancel();
      throw new Unjudged(`the answer of the endpoint ${host} is longer than ${largestAnswer} bytes`);
    }
    parts.push(read.value);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The template with `{text}` and `{prompt}` replaced in every text of it; a text without a prompt has an empty one. */
function filled(template: unknown, { text, prompt = '' }: Judgeable): unknown {
  if (typeof template === 'string') {
    return template.replace(/\{(text|prompt)\}/g, (_, name) => (name === 'text' ? text : prompt));
  }
  if (Array.isArray(template)) return template.map((part: unknown) => filled(part, { text, prompt }));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, part]) => [key, filled(part, { text, prompt })]));
}

/** The number from 0 to 1 at a path of names and indices. */
function scoreAt(answer: unknown, path: string): number {
  let found = answer;
  for (const name of path.split('.')) {
    // A list has a length of its own, which is nobody's score.
    const isIndex = !Array.isArray(found) || /^\d+$/.test(name);
    const isHolder = typeof found === 'object' && found !== null && isIndex && Object.hasOwn(found, name);
    found = isHolder ? (found as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  if (typeof found !== 'number') throw new Unjudged(`the endpoint's answer has no number at "${path}"`);
  if (found >= 0 && found <= 1) return found;
  throw new Unjudged(`the endpoint's score is ${found}, which is not between 0 and 1`);
}

/** `ECONNREFUSED` and the like: fetch hides what went wrong in its error's cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return cause instanceof Error && /redirect/i.test(cause.message) ? 'it redirects elsewhere' : 'the request failed';
}
