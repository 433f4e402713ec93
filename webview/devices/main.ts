import { startPanel } from '../page/startPanel.ts';
import { openDevicesPanel } from './devicesPanel.ts';
import './devices.css';

startPanel('devices', (panel, _state, root) => openDevicesPanel(panel, root));
