import { Template } from '@huggingface/jinja';
import { withinTime } from '../../files/boundedTime.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { correctStripping, stripFunctions } from './stripCharacters.ts';
import { templateDate } from './templateDate.ts';

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** A stretch of a text in UTF-16 units, its end exclusive. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A chat as the one text that the model was trained on. */
export interface RenderedChat {
  readonly text: string;
  /** What the template puts between `{% generation %}` and `{% endgeneration %}`, in order; none where it has no such blocks. */
  readonly generated: readonly Stretch[];
}

/** Numbers that a template may count to at a time: they are all in memory. */
const LARGEST_RANGE = 100_000;

/** Jinja's `range`, bounded. */
function range(first: number, end?: number, step = 1): readonly number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= LARGEST_RANGE)) throw new RangeError(`range() of more than ${LARGEST_RANGE} numbers`);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** What the Jinja package has of its own and a template gets from us instead. */
const OWN: Readonly<Record<string, unknown>> = {
  own_range: range,
  own_strftime_now: templateDate,
  ...stripFunctions,
};

/** The template with these functions replaced where it names them. The line end after a block is dropped, so one at the start is doubled. */
function withOwn(template: string): string {
  const named = ['range', 'strftime_now'].filter((name) => template.includes(name));
  if (named.length === 0) return template;
  const replaced = named.map((name) => `{% set ${name} = own_${name} %}`).join('');
  return `${replaced}${template.startsWith('\n') ? '\n' : ''}${template}`;
}

/** The beginning and the end of what the assistant says, as Transformers' extension of Jinja writes them. */
const GENERATION = /\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}/g;

/**
 * The template with a mark in place of each of these tags, which the Jinja package would leave out. A block that is always
 * true stands around the mark, so that white space beside it goes as beside the tag.
 */
function marked(template: string): string {
  return template.replace(GENERATION, (_, left: string, end: string | undefined, right: string) => {
    const mark = end === undefined ? 'generation_begins' : 'generation_ends';
    return `{%${left} if true %}{{ ${mark} }}{% endif ${right}%}`;
  });
}

/** Two characters of the private use area that the messages do not hold. */
function unusedMarks(messages: readonly ChatMessage[]): readonly [string, string] {
  const used = new Set(messages.flatMap(({ content }) => content.match(/[\uE000-\uF8FF]/g) ?? []));
  const free: string[] = [];
  for (let code = 0xe000; free.length < 2; code++) {
    const mark = String.fromCharCode(code);
    if (!used.has(mark)) free.push(mark);
  }
  return [free[0] ?? '', free[1] ?? ''];
}

/** The text without its marks, and what stood between them. */
function withoutMarks(text: string, [begin, end]: readonly [string, string]): RenderedChat {
  const generated: Stretch[] = [];
  let plain = '';
  let start = 0;
  for (const part of text.split(new RegExp(`([${begin}${end}])`))) {
    if (part === begin) start = plain.length;
    else if (part === end) generated.push({ start, end: plain.length });
    else plain += part;
  }
  return { text: plain, generated };
}

/** A model's chat template: Jinja source. What it does is bounded: one that loops on and on ends with an error. */
export class ChatTemplate {
  /** Whether it says itself what the assistant's words are. */
  readonly marksAnswers: boolean;
  private readonly source: string;
  private parsed: Template | undefined;

  constructor(source: string) {
    this.source = source;
    this.marksAnswers = source.search(GENERATION) >= 0;
  }

  /**
   * Renders messages as Transformers does. `variables` are what templates expect beside them. The date is the same on every
   * day (see templateDate). Throws RankscopeError('tokenizer') where the template refuses the messages.
   */
  render(messages: readonly ChatMessage[], variables: Readonly<Record<string, unknown>>): RenderedChat {
    const marks = unusedMarks(messages);
    const [generation_begins, generation_ends] = marks;
    const given = { messages, tools: null, documents: null, ...variables };
    const ours = { ...OWN, generation_begins, generation_ends };
    try {
      const text = withinTime(() => {
        this.parsed ??= correctStripping(new Template(withOwn(marked(this.source))));
        return this.parsed.render({ ...given, ...ours });
      });
      return withoutMarks(text, marks);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RankscopeError(
        {
          code: 'tokenizer',
          what: `the chat template failed (${reason}).`,
          where: 'chat_template',
          remedy: 'Check the roles and their order: templates may refuse some.',
        },
        { cause: error },
      );
    }
  }
}

/** The error of what needs a chat template where the model has none. */
export function noChatTemplate(): RankscopeError {
  return new RankscopeError({
    code: 'tokenizer',
    what: 'the model has no chat template.',
    remedy: 'Give prompt and completion texts, or choose an instruction-tuned model.',
  });
}
