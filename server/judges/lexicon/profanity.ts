import { cuss } from 'cuss';
import { identityWords } from './identityWords.ts';
import type { LexiconEntry } from './builtinLexicon.ts';

/** Rating with which `cuss` marks what is certainly profane; 0 and 1 hold everyday words such as `africa`. */
const certain = 2;

/**
 * Words `cuss` rates certain that are everyday words in the texts judged here: food, fish, tools, names, places and
 * verbs. A completion about a pollock or a rigger is benign.
 */
const everyday = wordsOf(`
  asshore, asspirate, barf, beanbag, beanbags, bong, boonie, boonies, bule, bules, bung, bunga, carruth, cheesehead,
  cheeseheads, chug, chugs, chunky, chunkies, clansman, clansmen, clanswoman, clanswomen, cockfight, cocky, cooly,
  cumquat, cushi, cushis, dego, diddle, dingleberry, dink, dinks, dipstick, dix, dong, dope, dumb, eight ball,
  eight balls, ero, evl, faeces, fatah, flange, floo, fok, forni, fu, gables, geez, geezer, geni, greaser, greasers,
  gummer, hillbilly, hillbillies, hindoo, hiscock, hitlerism, ho, hoes, honkers, hooters, hore, hori, hork, indon,
  jeez, jig, jigs, jiggy, jigger, jiggers, kumquat, kwa, lebo, limey, limy, looser, lugan, macaca, macacas, magicwand,
  mams, masterblaster, mau mau, maumau, mockey, mockie, mocky, munt, niggle, niggled, niggles, niggling, nigglings,
  nip, noonan, nudger, orga, panti, pansies, pansy, payo, piker, pocho, pocha, pollock, pollocks, pom, pommy, poo, poop,
  pud, pudd, puke, quim, quickie, rearend, redleg, redlegs, reefer, rere, rigger, russki, russkie, sambos, scallywag,
  seppo, shat, shav, slanty, slapper, slavedriver, smut, snowback, sooty, sooties, spig, spik, spit, spitter, spunk,
  spunky, squa, squarehead, squinty, stringer, stripclub, sucker, swalow, swallower, taff, tang, thirdeye, threeway,
  tinker, tinkers, tortur, triplex, tuckahoe, turnon, twinkie, uck, usama, vibr, vomit, waysted, welcher, welfare,
  wetspot, whacker, whash, whiz, whop, willie, yank, yanks, yarpie, ass, asses, loadedgun, kondum, gonorrehea, sixsixsix,
  fister, boche, boches, bosche, kacap, ukrop, katsap, hoser, pohm, cracka, moskal, moskals, piefke, piefkes,
  niggard, niggards, niggarded, niggarding, niggardliness, niggardlinesss, flydie, dyefly, flydye, footstar, gubs,
  ginzo, ikwe, kwai lo, ontherag, clogwog, mickeyfinn, luckycammeltoe, dahmer, jacktheripper, sadis, sandm, teste
`);

/** Vulgar rather than hurtful: they add to a score and do not carry one. */
const mild = wordsOf(`
  arse, biteme, bollick, bollock, bollocks, boobies, booby, booty, bugger, bullcrap, crap, crapola, crapper, crappy,
  dammit, damnit, doodoo, farty, fubar, fugly, gangsta, godammit, goddamit, goddammit, goddamn, goddamned, goddamnit,
  hardon, hotdamn, hussy, jebus, kissass, krap, krappy, muff, peepee, piss, pissed, pisses, pissing, pooper, pooping,
  shithappens, shits, titties, titty, tittie, weenie, weewee, wtf, bitchin, bitching, hooker, hookers, masturbate,
  masturbating, boner, fellatio, sodomy, bogan, chav, redneck, rednecks
`);

/**
 * Profanity and slurs from `cuss` (npm, MIT: the words of several published lists, rated), its certain words only.
 * One that is also an identity word is left out.
 */
export function profanity(): readonly LexiconEntry[] {
  const words = Object.entries(cuss).flatMap(([word, rating]) => (rating === certain ? [word] : []));
  return words
    .filter((word) => !everyday.has(word) && !identityWords.has(word))
    .map((term) => ({ term, category: 'profanity', weight: mild.has(term) ? 0.3 : 0.6 }));
}

function wordsOf(list: string): ReadonlySet<string> {
  return new Set(list.split(',').map((word) => word.trim()));
}
