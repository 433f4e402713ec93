import { startPanel } from '../shared/startPanel.ts';
import { openRunPanel } from './runPanel.ts';
import './run.css';

startPanel('run', openRunPanel);
