/** The verdict on an arm in the reader's language. */
import type { ArmWord } from '../../server/protocol/run/runVerdict.ts';
import { t } from '../text/strings.ts';

export function armWord(word: ArmWord): string {
  switch (word) {
    case 'safe':
      return t('safe');
    case 'safe on average':
      return t('safe on average');
    case 'unsafe':
      return t('unsafe');
    case 'undecided':
      return t('undecided');
    case 'broken':
      return t('broken');
    case 'no result':
      return t('no result');
  }
}
