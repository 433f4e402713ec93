/**
 * Every panel: what it is opened on, what it is called, and which runs or file it may ask about. A new panel is a schema
 * and an entry here, its page in webview/, and a command that opens it (docs/extending.md).
 */
import { z } from 'zod';

const path = z.string().min(1);
const arm = z.string();
const ofArms = { run: path, arms: z.array(arm), prompt: z.string().default('') };

/** What a panel is opened on; also its state, by which it is restored after a reload. */
export const panelState = z.discriminatedUnion('panel', [
  z.object({ panel: z.literal('run'), run: path, baseline: arm.default('base') }),
  z.object({
    panel: z.literal('compare'),
    arms: z.array(z.object({ run: path, arm })),
    baseline: z.object({ run: path, arm }),
  }),
  z.object({ panel: z.literal('prompt'), ...ofArms }),
  z.object({ panel: z.literal('review'), file: path }),
  z.object({ panel: z.literal('lens'), ...ofArms }),
  z.object({ panel: z.literal('devices') }),
]);
export type PanelState = z.output<typeof panelState>;
export type PanelName = PanelState['panel'];
export type StateOf<Name extends PanelName> = Extract<PanelState, { panel: Name }>;

/** Puts values into a message of the editor's language. */
type Say = (message: string, ...values: string[]) => string;

/** What the extension has to know of a panel. */
interface PanelKind<Name extends PanelName> {
  /** The title of its tab. */
  readonly title: (state: StateOf<Name>, say: Say) => string;
  /** Two states of the same subject are one panel. */
  readonly subject: (state: StateOf<Name>) => string;
  /** The runs that it shows: it may ask about these and the files in them, and about no others. */
  readonly runs: (state: StateOf<Name>) => readonly string[];
  /** The file that it shows, where it shows one. */
  readonly file?: (state: StateOf<Name>) => string;
}

const ofOneRun = {
  subject: ({ run }: { readonly run: string }) => run,
  runs: ({ run }: { readonly run: string }) => [run],
};

const kinds: { readonly [Name in PanelName]: PanelKind<Name> } = {
  run: { ...ofOneRun, title: ({ run }) => fileName(run) },
  compare: {
    title: (_, say) => say('Compare Ranks'),
    subject: ({ arms }) => JSON.stringify(arms),
    runs: ({ arms, baseline }) => [baseline.run, ...arms.map(({ run }) => run)],
  },
  prompt: { ...ofOneRun, title: (_, say) => say('Try Prompt') },
  review: {
    title: ({ file }, say) => say('Review {0}', fileName(file)),
    subject: ({ file }) => file,
    runs: () => [],
    file: ({ file }) => file,
  },
  lens: { ...ofOneRun, title: (_, say) => say('Logit Lens') },
  devices: { title: (_, say) => say('Devices'), subject: () => '', runs: () => [] },
};

export const panelNames = Object.keys(kinds) as readonly PanelName[];

export const titleOfPanel = (state: PanelState, say: Say): string => kindOf(state).title(state, say);
export const subjectOf = (state: PanelState): string => `${state.panel} ${kindOf(state).subject(state)}`;
export const runsOf = (state: PanelState): readonly string[] => kindOf(state).runs(state);
export const fileOf = (state: PanelState): string | undefined => kindOf(state).file?.(state);

/** The entry of a state's own panel: that the two belong together is beyond the compiler. */
function kindOf(state: PanelState): PanelKind<PanelName> {
  return kinds[state.panel] as PanelKind<PanelName>;
}

const fileName = (place: string): string => place.split(/[\\/]/).findLast((part) => part !== '') ?? place;
