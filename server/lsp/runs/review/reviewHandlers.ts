import { pathToFileURL } from 'node:url';
import type { Handlers } from '../../../protocol/messages/channel.ts';
import type { RunsContract } from '../../../protocol/messages/runsContract.ts';
import { appendLabels, labelPathOf } from '../../../judges/labels/labelFile.ts';
import { RankscopeError } from '../../../protocol/errors.ts';
import type { ServerState } from '../../session/serverState.ts';
import { folderOf, withAbsolutePaths } from '../../session/workspacePaths.ts';
import { fieldsOf } from '../../documents/judgeFiles.ts';
import { JudgedFiles } from './judgedFiles.ts';
import { reviewItems, trustOf } from './review.ts';

type ReviewMethod = Extract<keyof RunsContract, `review.${string}`>;

/** Most items of one message. A larger message would block both processes. */
const mostItems = 50_000;

export interface ReviewHandlers {
  readonly handlers: Pick<Handlers<RunsContract>, ReviewMethod>;
  dispose(): void;
}

/**
 * Requests of the review panel, in which a person goes through flagged texts. Labels are those of the editor's own
 * documents.
 */
export function createReviewHandlers(state: ServerState): ReviewHandlers {
  const files = new JudgedFiles({
    settings: () => state.settings,
    openJudge: (spec, uri) => state.host.openJudge(withAbsolutePaths(spec, folderOf(uri, state.folders))),
    fieldsOf: (uri) => fieldsOf(uri, state.settings, folderOf(uri, state.folders)),
    documents: state.documents,
  });
  return {
    handlers: {
      'review.items': async ({ file, flaggedOnly, limit = mostItems }, { signal }) => {
        const { document, notJudged } = await files.settled(file, signal);
        const { judge } = document;
        if (judge === undefined) throw noJudge(file, notJudged ? [notJudged.reason] : document.notices);
        return { judge: judge.name, threshold: judge.threshold, ...(await reviewItems(document, flaggedOnly, limit)) };
      },
      'review.label': async ({ file, content, label, reason }, { signal }) => {
        await writeLabel(state, files, { file, content, label, reason });
        return trustOf((await files.settled(file, signal)).document);
      },
      'review.trust': async ({ file }, { signal }) => trustOf((await files.settled(file, signal)).document),
    },
    dispose: () => files.dispose(),
  };
}

interface GivenLabel {
  readonly file: string;
  readonly content: string;
  readonly label: 'toxic' | 'benign' | 'unsure' | null;
  readonly reason: string | undefined;
}

/** Writes the label to the disk before showing it, so that every label on the screen is stored. */
async function writeLabel(state: ServerState, files: JudgedFiles, given: GivenLabel): Promise<void> {
  const { settings, host, documents, publisher } = state;
  const { file, content, label, reason } = given;
  const open = files.inEditor(file);
  const uri = open?.document.uri ?? pathToFileURL(file).href;
  const path = labelPathOf(uri);
  if (path === undefined) throw new RankscopeError({ code: 'usage', what: 'Labels need a file.', where: file });
  const author = settings.author === '' ? host.userName() : settings.author;
  const record = { content, label: label ?? ('none' as const), author, time: host.now() };
  await appendLabels(path, [{ ...record, ...(reason !== undefined && { reason }) }]);
  if (open === undefined) return files.readLabels(file);
  publisher.outdated(uri);
  await documents.readLabels(uri);
}

function noJudge(file: string, notices: readonly string[]): RankscopeError {
  const what = notices.join(' ') || 'The judge could not be opened.';
  return new RankscopeError({ code: 'judge', what, where: file, remedy: 'Choose another judge in the settings.' });
}
