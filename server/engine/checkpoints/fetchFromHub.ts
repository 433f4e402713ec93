import { downloadFile, getHFHubCachePath, listFiles, modelInfo, type ListFileEntry } from '@huggingface/hub';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import { boundedFetch, hubBounds, type FetchBounds } from './boundedFetch.ts';
import { placeInCache, rememberRevision } from './hubCache.ts';
import { hubError } from './hubError.ts';

export interface HubProgress {
  /** The file that is coming in. */
  readonly file: string;
  /** Bytes here so far, of all files together. */
  readonly done: number;
  readonly total: number;
}

export interface HubOptions {
  /** Default: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub, as for every Hugging Face tool. */
  readonly cacheDir?: string;
  /** Take what the cache has and ask the network nothing. Default: HF_HUB_OFFLINE. */
  readonly offline?: boolean;
  readonly onProgress?: (progress: HubProgress) => void;
  readonly signal?: AbortSignal;
  /** Default: the global fetch. */
  readonly fetch?: typeof fetch;
  /** How long the hub may take; a minute of silence unless given. */
  readonly bounds?: FetchBounds;
}

/** The files of a model that are worth fetching, other than its weights: all that `openHuggingFaceFolder` reads. */
const SIDE_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'chat_template.jinja',
  'chat_template.json',
];
const INDEX = 'model.safetensors.index.json';
const SHARD = /^model-\d+-of-\d+\.safetensors$/;
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * The folder of model `id` (`org/name`) at `revision`, out of the Hugging Face cache, filled from the hub as needed.
 * When the hub cannot be reached, what the cache has of this revision serves.
 * HF_TOKEN and HF_ENDPOINT are honoured. The cache's layout is that of Python's huggingface_hub, so either fills it.
 * Throws RankscopeError('network'), ('model') when there is no such model or it has no safetensors, ('disk'), ('cancelled').
 */
export async function fetchFromHub(id: string, revision: string, options: HubOptions = {}): Promise<string> {
  const storage = join(options.cacheDir ?? getHFHubCachePath(), `models--${id.replace('/', '--')}`);
  const cached = await cachedSnapshot(storage, revision);
  if (options.offline ?? isOffline()) {
    if (cached !== undefined) return cached;
    throw new RankscopeError({
      code: 'network',
      what: `revision ${revision} is not (wholly) in the cache ${storage}, and offline mode is on.`,
      where: id,
      remedy: 'Fetch it once with a connection (unset HF_HUB_OFFLINE), or give the folder of a local copy.',
    });
  }
  // A commit never changes: what is whole needs no question.
  if (cached !== undefined && COMMIT.test(revision)) return cached;
  try {
    return await download(id, revision, storage, options);
  } catch (error) {
    const problem = hubError(id, revision, error, options.signal);
    if (problem.code === 'network' && cached !== undefined) return cached;
    throw problem;
  }
}

function isOffline(): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((process.env.HF_HUB_OFFLINE ?? '').toUpperCase());
}

/** The snapshot's folder when it holds a configuration and all weights. */
async function cachedSnapshot(storage: string, revision: string): Promise<string | undefined> {
  const commit = COMMIT.test(revision)
    ? revision
    : (await readFile(join(storage, 'refs', revision), 'utf8').catch(() => '')).trim();
  if (!COMMIT.test(commit)) return undefined;
  const folder = join(storage, 'snapshots', commit);
  return (await isWhole(folder)) ? folder : undefined;
}

async function isWhole(folder: string): Promise<boolean> {
  const has = (name: string): Promise<boolean> =>
    stat(join(folder, name)).then(
      () => true,
      () => false,
    );
  if (!(await has('config.json'))) return false;
  if (await has('model.safetensors')) return true;
  const index = await readFile(join(folder, INDEX), 'utf8').catch(() => undefined);
  if (index === undefined) return false;
  // A damaged index is reported when it is opened.
  const shards = new Set(index.match(/model-\d+-of-\d+\.safetensors/g));
  return (await Promise.all([...shards].map(has))).every(Boolean);
}

async function download(id: string, revision: string, storage: string, options: HubOptions): Promise<string> {
  const access = hubAccess(options);
  const { sha } = await modelInfo({ name: id, revision, additionalFields: ['sha'], ...access });
  if (!COMMIT.test(sha)) throw noModel(id, `the hub names the commit ${JSON.stringify(sha)}`);
  const files: ListFileEntry[] = [];
  for await (const file of listFiles({ repo: id, revision: sha, ...access })) files.push(file);
  const wanted = chooseFiles(id, files);
  const total = wanted.reduce((sum, file) => sum + file.size, 0);
  const folder = join(storage, 'snapshots', sha);
  let done = 0;
  for (const file of wanted) {
    const report = (bytes: number): void => options.onProgress?.({ file: file.path, done: done + bytes, total });
    const open = async (): Promise<Blob> => {
      // Plain HTTP: the Xet protocol gains nothing here and needs more of the library.
      const blob = await downloadFile({ repo: id, revision: sha, path: file.path, xet: false, ...access });
      if (blob === null) throw noModel(id, `the hub lists ${file.path} but does not give it`);
      return blob;
    };
    await placeInCache({ storage, folder, file, open, report, ...(options.signal && { signal: options.signal }) });
    done += file.size;
    report(0);
  }
  await rememberRevision(storage, revision, sha);
  return folder;
}

function chooseFiles(id: string, files: readonly ListFileEntry[]): ListFileEntry[] {
  const named = (name: string): ListFileEntry[] => files.filter((file) => file.type === 'file' && file.path === name);
  const single = named('model.safetensors');
  const sharded = [...named(INDEX), ...files.filter((file) => file.type === 'file' && SHARD.test(file.path))];
  const weights = single.length > 0 ? single : sharded;
  if (named('config.json').length === 0) throw noModel(id, 'the repository has no config.json');
  if (weights.length === 0) throw noModel(id, 'the repository has no model.safetensors');
  return [...SIDE_FILES.flatMap(named), ...weights];
}

function noModel(id: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'model',
    what: `${what}.`,
    where: id,
    remedy: 'Choose a Transformers model with safetensors weights, or download a .gguf file and give its path.',
  });
}

function hubAccess({ signal, fetch: given, bounds = hubBounds }: HubOptions): {
  fetch: typeof fetch;
  hubUrl?: string;
  accessToken?: string;
} {
  const { HF_TOKEN: accessToken, HF_ENDPOINT: hubUrl } = process.env;
  return {
    fetch: boundedFetch(given ?? fetch, bounds, signal),
    ...(accessToken ? { accessToken } : {}),
    ...(hubUrl ? { hubUrl } : {}),
  };
}
