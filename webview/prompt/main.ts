import { startPanel } from '../page/startPanel.ts';
import { openPromptPanel } from './promptPanel.ts';
import './prompt.css';

startPanel('prompt', openPromptPanel);
