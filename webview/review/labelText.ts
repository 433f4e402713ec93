import { t } from '../text/strings.ts';
import type { HumanLabel } from './reviewModel.ts';

/** The label that a person gave a text, in words. */
export function labelText(label: HumanLabel | undefined): string {
  switch (label) {
    case 'toxic':
      return t('toxic');
    case 'benign':
      return t('not toxic');
    case 'unsure':
      return t('not sure');
    case undefined:
      return t('no label');
  }
}
