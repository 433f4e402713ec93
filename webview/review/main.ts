import { startPanel } from '../shared/startPanel.ts';
import { openReviewPanel } from './reviewPanel.ts';
import './review.css';

startPanel('review', openReviewPanel);
