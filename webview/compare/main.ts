import { startPanel } from '../shared/startPanel.ts';
import { openComparePanel } from './comparePanel.ts';

startPanel('compare', openComparePanel);
