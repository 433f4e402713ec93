import { startPanel } from '../page/startPanel.ts';
import { openComparePanel } from './comparePanel.ts';

startPanel('compare', openComparePanel);
