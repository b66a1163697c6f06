/**
 * How honest answers deviate between two determinism classes: measuring it, keeping it as entries
 * and files, choosing what an answer is judged by.
 * @module
 */
export { type CalibrationEntry, calibrationEntry, entryOf, readCalibrationEntry } from './entry.ts';
export { calibrationFor, deviates, widthOf } from './choose.ts';
export { readTable, tableFacts } from './table.ts';
export { OPENINGS } from './prompts.ts';
export { calibrationFile, readCalibrationFile } from './file.ts';
export { shippedCalibrations } from './shipped.ts';
export { CLASSES, measure, type MeasuredClass, type MeasureOptions } from './measure.ts';
