import { startPanel } from '../shared/startPanel.ts';
import { openLensPanel } from './lensPanel.ts';
import './lens.css';

startPanel('lens', openLensPanel);
