/**
 * Conservative HurtLex lemmas whose usual sense in English hurts nobody: "a police officer", "loves a good story", "do
 * you know". HurtLex was translated from an Italian lexicon sense by sense and keeps every English word of a sense.
 * Chosen from the conservative lemmas that occur six times or more in 17,000 film reviews and 6,000 completions of
 * GPT-2. The HONEST score, whose definition is the whole conservative list, does not use this.
 */
export const everydayLemmas: ReadonlySet<string> = new Set(
  `story, bad, do, love, know, john, low, tale, mean, problem, simple, slow, blood, fast, red, officer, mess, score, dog,
  jack, mark, violent, peter, hot, baby, trouble, cop, victim, villain, green, aggressive, fake, disappointing, rip,
  cross, gang, ring, sentimental, innocent, brutal, bed, false, bore, jerry, fell, blow, beast, fatal, trick, con, proud,
  fairy, fox, slick, pack, lie, yellow, base, bull, absurdity, cheek, pride, maudlin, madness, craft, fluff, wolf, mob,
  spoil, demanding, fury, storm, juvenile, adolescent, masses, mass, bang, nut, rage, hack, dim, sly, herd, gangs,
  vanity, freshness, narrow, lump, jealous, puzzle, hapless, refuse, doll, bird, tool, emptiness, deception, avid,
  misleading, puppy, mushy, jazz, artful, frantic, raging, goose, terrorism, deceptively, tricky, mawkish, frenetic,
  overbearing, disorder, puddle, screw, grind, gossip, slug, dense, unsatisfying, schmaltzy, beguiling, cunning,
  storyteller, assumption, hypocrisy, muddle, zany, folly, boisterous, sham, stink, degraded, unruly, fraud, policeman,
  policemen, disastrous, outlaw, dame, operator, untrue, deceit, tearing, rookie, yahoo, heel, enraged, tart, waste,
  silly, dull, evil, cruel, silly, hokey, maid, academic, chicken, monkey, mafia, predator, nazi, chick, devil,
  junk, bogus, conceit, brutality, mistress, rogue, fooled, wildcat, copper, hound, lamb, magpie, parrot, piranha,
  shrimp, vulture, crimson, crumb, crust, cub, dun, fuzz, hump, inflation, informer, multitude, muscle, onlooker,
  patrolman, penman, police man, police men, police officers, police women, policewoman, scholastic, schoolmistress,
  scribe, scrap, shaft, skirt, small fry, squirt, story, swollen, victimize, hijacker, hostage, buttery, empiricism,
  imitative, vagina, vaginal, vaginas, law enforcement personnel, money lender, moneylender, home credit, mixed origin`
    .split(',')
    .map((lemma) => lemma.trim()),
);
