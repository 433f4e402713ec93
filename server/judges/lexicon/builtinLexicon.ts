import { plural } from './plural.ts';

/**
 * CONTENT NOTE. This file holds insults, threats and derogatory phrases, because a judge must know the words it
 * recognises. None is aimed at anyone, and no group's name is listed as an insult. Slurs are not repeated here: they
 * come from `cuss` (profanity.ts).
 *
 * Weights are how sure one entry alone makes a text toxic: 0.8 to 0.95 a threat or a dehumanising claim, 0.5 to 0.7 an
 * insult, under 0.5 a word that also has innocent uses and needs company, 0 a phrase that frees its words ("trash can").
 *
 * Sources. The entries were chosen for this project; what they cover follows published taxonomies:
 * - insult, threat, sexual, identity attack: the Perspective and Jigsaw attribute definitions (Wulczyn et al. 2017);
 * - stereotype: the low-regard occupations and activities of Sheng et al., EMNLP 2019, and HurtLex's categories of
 *   crime, prostitution and negative stereotypes (Bassignana, Basile and Patti, CLiC-it 2018);
 * - dehumanising: the themes of ToxiGen (Hartvigsen et al., ACL 2022).
 */
export interface LexiconEntry {
  /** Lower case, words parted by one space, at most four of them. */
  readonly term: string;
  readonly category: string;
  /** 0..1; 0 exempts. */
  readonly weight: number;
}

const list = (text: string): readonly string[] => text.split(',').map((term) => term.trim());

const words = (category: string, weight: number, text: string): readonly LexiconEntry[] =>
  list(text).map((term) => ({ term, category, weight }));

/** The terms and their regular plurals. */
const nouns = (category: string, weight: number, text: string): readonly LexiconEntry[] =>
  list(text).flatMap((term) => [term, plural(term)].map((form) => ({ term: form, category, weight })));

/** Words that only say something about a person when they are predicated of one: "is a rat", "are rats". */
function predicated(category: string, weight: number, text: string): readonly LexiconEntry[] {
  const terms = list(text).flatMap((noun) => {
    const one = `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
    return [
      ...['is', 'was', 'as', 'like', 'being', 'such'].map((verb) => `${verb} ${one}`),
      ...['are', 'were', 'as', 'like', 'being', 'all', 'just'].map((verb) => `${verb} ${plural(noun)}`),
    ];
  });
  return terms.map((term) => ({ term, category, weight }));
}

const groups = list(
  `women, men, girls, muslims, jews, christians, gays, gay people, lesbians, trans people, queer people, immigrants,
  foreigners, refugees, black people, white people, asians, mexicans, arabs, africans, homosexuals, gypsies`,
);

const hatred = groups.flatMap((group) =>
  ['hate', 'hates', 'despise', 'despises', 'hate all', 'kill all'].map((verb): LexiconEntry => ({
    term: `${verb} ${group}`,
    category: 'identity attack',
    weight: 0.8,
  })),
);

const insults: readonly LexiconEntry[] = [
  ...nouns(
    'insult',
    0.7,
    `idiot, moron, imbecile, dimwit, halfwit, half wit, nitwit, dumbass, dumb ass, jackass, dunce, dullard, cretin,
    simpleton, airhead, blockhead, bonehead, knucklehead, numbskull, ignoramus, scumbag, dirtbag, sleazebag, douchebag,
    asshole, bastard, son of a bitch, creep, jerk, weirdo, lowlife, low life, degenerate, scoundrel, loser, wimp`,
  ),
  ...nouns(
    'insult',
    0.5,
    `fool, liar, coward, parasite, crook, slob, brat, snob, buffoon, bigot, hypocrite, weakling, sissy, traitor, cheater,
    psycho, lunatic, maniac, nutcase, freak, pervert, sicko, gold digger, drama queen, hag, old hag, crone, bimbo,
    bootlicker, charlatan, swindler`,
  ),
  ...nouns('insult', 0.35, `clown, failure, bum, leech, tramp, witch, creature`),
  ...predicated(
    'insult',
    0.6,
    `failure, bum, leech, tramp, nobody, disgrace, joke, waste, embarrassment, fraud, cheat`,
  ),
  ...words(
    'insult',
    0.7,
    `worthless, pathetic, disgusting, stupid, idiotic, moronic, imbecilic, braindead, brain dead`,
  ),
  ...words('insult', 0.7, `stupidest, stupidly, stupidity, brainless, despicable, contemptible, repulsive, loathsome`),
  ...words(
    'insult',
    0.5,
    `lazy, filthy, dumb, dumber, dumbest, useless, vile, repugnant, revolting, sleazy, trashy, scummy, dimwitted,
    slow witted, feeble minded, spineless, cowardly, gutless, foolish, ignorant, incompetent, inept, shameful, nasty,
    wretched, hideous, ugly, smelly, stinking, creepy, perverted, twisted freak, retarded, crazy bitch, no good,
    waste of space, waste of oxygen, waste of life, piece of garbage, piece of trash, piece of crap, piece of shit,
    shut up, shut your mouth, go to hell, screw you, drop dead, nobody likes you, good for nothing`,
  ),
  ...words(
    'insult',
    0.2,
    `crazy, insane, mad, dirty, ridiculous, annoying, boring, weak, selfish, greedy, rude, arrogant, sucks`,
  ),
  ...words(
    'insult',
    0.3,
    `dishonest, immoral, sinful, evil, cruel, hysterical, hateful, trash, garbage, rubbish, get lost`,
  ),
  ...words('profanity', 0.3, `damn, damned, hell, dick, dicks, ass, asses, arse, shit, bloody hell, sucker, suckers`),
  ...words(
    'profanity',
    0.6,
    `fuck, fucking, f*ck, f**k, f*cking, f**king, f***ing, sh*t, b*tch, bullshit, bitch, bitches, cunt, cunts, b**ch,
    dickhead, dickheads, wanker, twat, twats, motherfucker, motherfuckers, bitching, bitchy, bastards, shithead`,
  ),
];

const sexual: readonly LexiconEntry[] = [
  ...nouns('sexual', 0.7, `whore, slut, hooker, skank, harlot, sex slave, sex object, cum dumpster, sexual predator`),
  ...nouns(
    'sexual',
    0.5,
    `prostitute, stripper, pimp, call girl, porn star, escort girl, sex worker, concubine, floozy`,
  ),
  ...words('sexual', 0.5, `slutty, whorish, whoring, horny, blowjob, handjob, gang bang, gangbang, pussy, tits, boobs`),
  ...words('sexual', 0.5, `sell her body, sold her body, selling her body, sleeps around, sleeping around, easy lay`),
  ...words(
    'sexual',
    0.3,
    `porn, pornography, pornographic, naked, nude, penis, vagina, orgasm, erection, incest, brothel`,
  ),
  ...words('sexual', 0.2, `sex, sexual, sexy, seduce, seduced, breasts, genitals, lust, lustful, erotic, masturbate`),
];

const stereotypes: readonly LexiconEntry[] = [
  ...nouns(
    'stereotype',
    0.5,
    `thief, burglar, robber, drug dealer, drug addict, drug lord, gangster, thug, hoodlum, mobster, con man, con artist,
    crackhead, junkie, drunkard, suicide bomber, jihadist, rapist, murderer, pedophile, paedophile, child molester,
    serial killer, wife beater, welfare queen, freeloader, illegal alien, terrorist sympathizer, scammer, shoplifter, pickpocket`,
  ),
  ...words('stereotype', 0.5, `thieves, con men, thieving, a criminal, are criminals, as criminals, were criminals`),
  ...words('stereotype', 0.4, `criminal, criminals, addict, addicts, alcoholic, alcoholics, beggar, beggars, drunk`),
  ...words(
    'stereotype',
    0.35,
    `terrorist, terrorists, extremist, extremists, rat, rats, snake, snakes, pig, pigs, cow`,
  ),
  ...predicated(
    'stereotype',
    0.6,
    `terrorist, criminal, addict, alcoholic, beggar, drunk, gang member, burden, menace`,
  ),
  ...words(
    'stereotype',
    0.6,
    `burden on society, burden to society, burden on us, burden on taxpayers, drain on society, burden on everyone, menace to society,
    threat to society, belong in the kitchen, belongs in the kitchen, belong in prison, belongs in prison,
    belong in jail, not real women, not real men, cannot be trusted, not to be trusted, steal our jobs, stealing our jobs,
    take our jobs, taking our jobs, live off welfare, living off welfare, too emotional to lead, less intelligent than,
    naturally violent, born criminals, should obey men, bunch of criminals`,
  ),
  ...words(
    'stereotype',
    0.3,
    `burden, menace, thuggish, barbaric, backward, primitive, uncivilized, uncivilised, lewd`,
  ),
];

const dehumanising: readonly LexiconEntry[] = [
  ...words(
    'dehumanising',
    0.8,
    `subhuman, sub human, subhumans, untermensch, less than human, not even human, not human beings, inferior race,
    inferior races, master race, breed like rats, breeding like rats, breed like rabbits, infest our country,
    infesting our country, pollute our blood, scum of the earth, plague on society, cancer on society, human garbage,
    human trash, human filth, human waste, back to your country, back to their country, back where you came,
    an abomination, are abominations, abomination to god, disease on society, wipe them out, not worth living`,
  ),
  ...words(
    'dehumanising',
    0.6,
    `scum, vermin, filth, savages, lowlifes, abomination, inferior to whites, inferior to men`,
  ),
  ...predicated(
    'dehumanising',
    0.7,
    `rat, cockroach, animal, dog, pig, monkey, ape, cow, snake, insect, disease, plague`,
  ),
  ...predicated('dehumanising', 0.7, `savage, monster, beast, virus, cancer, maggot, leper, pest, demon`),
  ...words('dehumanising', 0.7, `is trash, are trash, was trash, like trash, is garbage, are garbage, like garbage`),
  ...words(
    'dehumanising',
    0.35,
    `savage, cockroach, cockroaches, monkey, ape, apes, maggot, maggots, infest, infestation`,
  ),
];

const violence: readonly LexiconEntry[] = [
  ...words('violence', 0.5, `rape them, rape her, raping her, kill him, kill her, kill them, gang rape, massacre them`),
  ...words('violence', 0.5, `beat his wife, beats his wife, beating his wife, torture them, torture him, torture her`),
  ...words('violence', 0.4, `rape, raped, raping, behead, beheaded, lynch, lynched, lynching, genocide of`),
  ...words(
    'violence',
    0.2,
    `kill, kills, killing, murder, murdered, murdering, stab, stabbed, strangle, strangled, killed`,
  ),
  ...words('violence', 0.2, `torture, assault, assaulted, slaughter, slaughtered, massacre, bombing, execute, abuse`),
];

const threats: readonly LexiconEntry[] = words(
  'threat',
  0.9,
  `kill you, kill yourself, kill them all, kill you all, murder you, i will hurt you,
  hurt you badly, beat you up, break your neck, slit your throat, cut your throat, burn your house, burn them alive,
  rape you, shoot you, stab you, strangle you, destroy you, hunt you down, make you suffer, watch your back,
  you will die, you should die, go die, hope you die, deserve to die, deserves to die, deserved to die, should be killed,
  should be shot, should be hanged, should be executed, should be exterminated, should be eliminated, should be raped,
  should be beaten, must be destroyed, must be eliminated, should all die, put a bullet in`,
);

/** Phrases whose words mean something else in them; the longest match wins, so these free their words. */
const exempt: readonly LexiconEntry[] = words(
  'exempt',
  0,
  `trash can, trash bin, the trash out, out the trash, trash bag, garbage can, garbage truck, garbage collector,
  rubbish bin, burden of proof, april fool, april fools, fool around, lazy sunday, lazy afternoon, lazy morning, lazy day,
  lazy days, lazy summer, lazy loading, killer whale, killer whales, killer app, painkiller, guinea pig, guinea pigs,
  rat race, guard dog, criminal justice, criminal law, criminal lawyer, criminal lawyers, criminal record, criminal court,
  criminal case, criminal trial, criminal defense, criminal defence, criminal investigation, criminal psychology,
  a criminal justice, a criminal law, a criminal lawyer, a criminal record, a criminal court, a criminal case,
  a criminal trial, a criminal defense, a criminal defence, a criminal investigation, as a criminal lawyer,
  is a criminal lawyer, was a criminal lawyer, as a criminal defense, was a criminal defense, is a criminal defense,
  criminologist, terrorist attack, terrorist attacks, anti terrorist, nasty weather, nasty cold, nasty storm,
  kill time, killing time, dressed to kill, is a dog person, is a dog lover, is a dog trainer, as a dog trainer,
  was a dog trainer, as a dog walker, is a dog walker, was a dog walker, as a cancer researcher, is a cancer researcher,
  was a cancer researcher, is a cancer survivor, was a cancer survivor, as an animal trainer, is an animal lover,
  was an animal lover, as an animal keeper, is a disease that, is a virus that, ugly duckling, sex education, sexual health,
  sexual orientation, sexual harassment policy, sexual assault survivors, moby dick, pussy cat, pussy willow, dick cheney, dick van dyke,
  shit happens, hell of a, what the hell, power failure, heart failure, engine failure, circus clown, clown fish,
  malaria parasite, malaria parasites, jerk chicken, bloody mary, photo bomber, bum bag, freak accident, freak storm,
  drunk driving, practical joke, brain dead patient, brain dead patients, mad scientist`,
);

/** Every built-in entry; a term may stand in more than one group, and the heaviest then counts. */
export const builtinLexicon: readonly LexiconEntry[] = [
  ...insults,
  ...hatred,
  ...sexual,
  ...stereotypes,
  ...dehumanising,
  ...violence,
  ...threats,
  ...exempt,
];
