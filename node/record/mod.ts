/**
 * Logs told again as a dashboard follows a node: what auditors step through.
 * @module
 */
export { recordOf, type RecordOptions } from './record.ts';
