export { readTable, tableFacts } from '../calibration/mod.ts';
