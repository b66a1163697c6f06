import type { RuleSpec } from './rules.ts';

/** How a network audits. Deadlines count in cuts. */
export interface AuditRules {
  /** Length of an epoch, milliseconds: a cut ends each. */
  epochMs: number;
  /** Auditors drawn for an audited artifact. */
  auditors: number;
  /** Auditors drawn after a trigger. */
  panel: number;
  /** Clean audits up to which everything of an executor is audited. */
  auditRamp: number;
  /** Least chance of an audit, in 10,000. */
  auditFloor: number;
  /** Audits of one executor in one cut, at least, on the average: raises the chance in quiet times. */
  auditLeast: number;
  /** Cuts from the beacon to the request, to the key, to the commitment, to the reveal. */
  requestCuts: number;
  openCuts: number;
  commitCuts: number;
  revealCuts: number;
  /** Cuts for which whoever made an answer keeps what an audit needs. */
  challengeCuts: number;
  /** Positions of which a verdict shows the auditor's own reading. */
  readings: number;
  /** Time that audits take beside answers, per cent. */
  auditShare: number;
  /** Error rates of a single job's test: accusing the honest, missing the cheat; in a million. */
  alpha: number;
  beta: number;
  /** Chance of ever accusing an honest executor, in a million. */
  lifetimeAlpha: number;
  /** A single margin above it draws a panel, thousandths of a nat. */
  hardMargin: number;
  /** Share of the audited jobs that witnesses plant to test auditors, in 10,000. */
  canaryShare: number;
}

/** See {@link RULES}. */
export const AUDIT_RULES: Readonly<Record<keyof AuditRules, RuleSpec>> = {
  epochMs: {
    value: 30_000,
    least: 200,
    most: 86_400_000,
    reason:
      'a verdict some cuts later comes within minutes; a cut costs each witness three entries',
  },
  auditors: {
    value: 2,
    least: 1,
    most: 16,
    reason: 'one may be lazy or lie; a trigger draws more',
  },
  panel: { value: 5, least: 1, most: 32, reason: 'a majority of five stands two that lie' },
  auditRamp: {
    value: 20,
    least: 1,
    most: 1_000_000,
    reason: 'a cheat on one job in twenty is accused after some fifteen audits',
  },
  auditFloor: {
    value: 100,
    least: 0,
    most: 10_000,
    reason: 'one per cent: what a fine of a hundred times the gain makes enough',
  },
  auditLeast: {
    value: 1,
    least: 0,
    most: 1_000,
    reason: 'one per cent of few jobs would be none',
  },
  requestCuts: { value: 2, least: 1, most: 1_000, reason: 'an auditor may be restarting' },
  openCuts: { value: 2, least: 1, most: 1_000, reason: 'so may who has the key' },
  commitCuts: { value: 4, least: 1, most: 1_000, reason: "users' jobs go before audits" },
  revealCuts: { value: 2, least: 1, most: 1_000, reason: 'nothing is left to be computed' },
  challengeCuts: {
    value: 40,
    least: 1,
    most: 100_000,
    reason: 'all deadlines of an audit and of a panel after it, twice',
  },
  readings: {
    value: 8,
    least: 1,
    most: 64,
    reason: 'who has not read guesses a byte with a chance of 1 in 256',
  },
  auditShare: {
    value: 25,
    least: 0,
    most: 100,
    reason: 'audits shall go on on a busy node, and its users shall not feel them',
  },
  alpha: {
    value: 1_000,
    least: 1,
    most: 100_000,
    reason: 'a panel for one honest job in a thousand is cheap',
  },
  beta: {
    value: 10_000,
    least: 1,
    most: 500_000,
    reason: 'what is missed once is not missed long',
  },
  lifetimeAlpha: {
    value: 900,
    least: 1,
    most: 100_000,
    reason: "with the calibration's own 100 in a million: one in a thousand",
  },
  hardMargin: {
    value: 1_500,
    least: 100,
    most: 1_000_000,
    reason: 'honest margins stayed far below; one edited token lies above',
  },
  canaryShare: {
    value: 0,
    least: 0,
    most: 5_000,
    reason:
      'each planted job is an answer and its audits; 500 find a lying auditor in some 40 duties',
    optional: true,
  },
};
