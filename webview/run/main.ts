import { startPanel } from '../page/startPanel.ts';
import { openRunPanel } from './runPanel.ts';
import './run.css';

startPanel('run', openRunPanel);
