import { startPanel } from '../page/startPanel.ts';
import { openLensPanel } from './lensPanel.ts';
import './lens.css';

startPanel('lens', openLensPanel);
