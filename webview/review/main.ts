import { startPanel } from '../page/startPanel.ts';
import { openReviewPanel } from './reviewPanel.ts';
import './review.css';

startPanel('review', openReviewPanel);
