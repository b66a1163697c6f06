import type { PrintRules } from '../../feeds/fingerprints/mod.ts';
import type { RuleSpec } from './rules.ts';

/** Rules of measuring machines. None is written where it has the usual value: then nobody is drawn. */
export const PRINT_RULES: Readonly<Record<keyof PrintRules, RuleSpec>> = {
  printChallengers: {
    value: 0,
    least: 0,
    most: 16,
    reason: 'none are drawn unless a network says so; a majority of three stands one that lies',
    optional: true,
  },
  printEveryCuts: {
    value: 480,
    least: 4,
    most: 1_000_000,
    reason:
      'four hours of half a minute each: three probes of half a minute are under one per cent',
    optional: true,
  },
  printExpireCuts: {
    value: 1_440,
    least: 4,
    most: 1_000_000,
    reason: 'two measurements may fail before a machine has no class any more',
    optional: true,
  },
  printRuns: {
    value: 9,
    least: 6,
    most: 256,
    reason: 'the second and the eighth of nine bound the median with 96 %, one outlier either way',
    optional: true,
  },
  printTolerance: {
    value: 2_500,
    least: 0,
    most: 9_000,
    reason: 'a quarter: honest claims stay within it, and twice the truth lies far outside',
    optional: true,
  },
};

/** What the presets of new networks change: machines are measured. */
export const MEASURED: Partial<PrintRules> = { printChallengers: 3 };
/** The same for a development network, whose epochs are a tenth as long: every hundred minutes. */
export const DEV_MEASURED: Partial<PrintRules> = {
  ...MEASURED,
  printEveryCuts: 2_000,
  printExpireCuts: 6_000,
};
