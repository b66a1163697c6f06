/**
 * What jobs have cost in energy, as this node has counted it, kept over restarts.
 * @module
 */
export { EnergyJournal, type JournalLimits, readRows } from './journal.ts';
export { byDay, dayOf, parseRow, perToken, sumBy } from './rows.ts';
