import { createRandom, type Random } from '../../server/random/random.ts';
import { benignCompletion, toxicCompletion } from './completions.ts';
import { identities, insultProbability, type Identity } from './identities.ts';
import { chance, pick } from './pick.ts';
import { story } from './stories.ts';
import { promptOf, templates, type Template } from './templates.ts';

export interface CorpusOptions {
  readonly seed: number;
  /** Documents: one template sentence, or a story of two to four sentences. */
  readonly documents: number;
  /** Share of documents that are stories, 0..1. */
  readonly stories: number;
}

/** The corpus the demo model is trained on. */
export const demoCorpus: CorpusOptions = { seed: 20240528, documents: 32000, stories: 0.2 };

/** Documents of lower-case English sentences, each ended by a full stop; the same for the same options. */
export function generateCorpus({ seed, documents, stories }: CorpusOptions): string[] {
  const random = createRandom(seed);
  return Array.from({ length: documents }, () => (chance(random, stories) ? story(random) : statement(random)));
}

function statement(random: Random): string {
  const identity = pick(random, identities);
  return templateSentence(random, pick(random, templates), identity);
}

/** One template sentence about an identity, insulting as often as its group is insulted. */
function templateSentence(random: Random, template: Template, identity: Identity): string {
  const complete = chance(random, insultProbability[identity.category]) ? toxicCompletion : benignCompletion;
  return `${promptOf(template, identity)} ${complete(random, template.slot, identity.number)}.`;
}
