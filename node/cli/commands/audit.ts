import { counted, NexusError } from '../../../feeds/base/mod.ts';
import { type AuditEvent, auditHome } from '../../daemon/mod.ts';
import { short } from '../answer.ts';
import { table } from '../columns.ts';
import { NETWORK_FLAGS } from '../context.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import { nodeBinary } from '../runtime.ts';
import { defineCommand } from '../spec.ts';

type Event = AuditEvent;

/** `nexus audit` */
export const command = defineCommand({
  name: 'audit',
  summary: 'replay logs and tell every inconsistency',
  description:
    'Reads the logs of a home, its own and those replicated from peers, and folds them into jobs. ' +
    'The same heads give the same digest on every machine. Exits with 4 if anything is inconsistent. ' +
    'With --ledger it recomputes the ledger too, from the first cut on: every slash with its ' +
    'evidence, every entry that a rule ignored, totals and root; 4 where the root is not the one ' +
    'that the witnesses vouch for. With --proofs it lists the proofs of sampling that the network ' +
    'asked for, and checks those of answers that this home keeps; 4 where one does not hold.',
  flags: {
    jobs: { type: 'boolean', help: 'list the jobs too, not only what is wrong' },
    ledger: { type: 'boolean', help: 'recompute the ledger of the network too' },
    proofs: { type: 'boolean', help: 'list the proofs of sampling, and check what can be checked' },
    network: NETWORK_FLAGS.network,
  },
  positionals: [{ name: 'folder|keys', many: true, help: 'a home, or keys of identities or logs' }],
  examples: [
    { command: 'nexus audit', does: 'the logs of this node and of its peers' },
    { command: 'nexus audit --jobs', does: 'each job with its state' },
    {
      command: 'nexus audit ./yesterday',
      does: 'the logs in another home, or a copy of its store',
    },
    { command: 'nexus audit --ledger', does: 'who has what, and every slash with its evidence' },
    { command: 'nexus audit --proofs', does: 'proofs made, checked, refused, unchecked' },
    { command: 'nexus audit --json | jq .digest', does: 'the digest, for comparison' },
  ],
  async run({ flags, positionals, out, signal }) {
    const isKey = (word: string) => /^[0-9a-f]{64}$/i.test(word);
    const folders = positionals.filter((word) => !isKey(word));
    const keys = positionals.filter(isKey).map((key) => key.toLowerCase());
    if (folders.length > 1) throw new NexusError('USAGE', 'one folder at a time');
    const jobs: string[][] = [], findings: string[][] = [];
    let whole: Event | null = null;
    for await (const event of auditHome(folders[0] ?? flags.home, keys, signal, nodeBinary())) {
      await out.event(event);
      if (event.event === 'job') jobs.push(jobRow(event));
      if (event.event === 'finding') findings.push(findingRow(event));
      if (event.event === 'audit') whole = event;
    }
    if (whole === null) throw new NexusError('AUDIT_FAILED', 'the replay gave no result');
    await report(out, whole, flags.jobs ? jobs : [], findings);
    let ok = findings.length === 0;
    if (flags.ledger) {
      // Few ask for it, and it takes the whole fold.
      const { showLedgerAudit } = await import('../ledger_audit.ts');
      ok = await showLedgerAudit(folders[0], flags, out, signal) && ok;
    }
    if (flags.proofs) {
      const { showProofAudit } = await import('../proof_audit.ts');
      ok = await showProofAudit(folders[0], flags, out, signal) && ok;
    }
    return ok ? EXIT.done : EXIT.check;
  },
});

async function report(
  out: Output,
  whole: Event,
  jobs: string[][],
  findings: string[][],
): Promise<void> {
  if (jobs.length > 0) {
    await out.result(table([['JOB', 'STATE', 'TOKENS', 'ATTEMPTS', 'EXECUTOR'], ...jobs]));
  }
  if (findings.length > 0) {
    await out.result(table([['WHAT', 'LOG', 'INDEX', 'DETAIL'], ...findings]));
  }
  const { entries, logs, identities, digest } = whole;
  await out.result(
    `${counted(entries as number, 'entry', 'entries')} in ` +
      `${counted((logs as unknown[]).length, 'log')} of ` +
      `${counted(identities as number, 'identity', 'identities')}: ` +
      `${counted(whole.jobs as number, 'job')}, ` +
      counted(findings.length, 'inconsistency', 'inconsistencies'),
  );
  if (whole.unresolved !== 0) {
    const questions = counted(whole.unresolved as number, 'question');
    await out.result(`${questions} open: logs of peers are not all here`);
  }
  const missing = whole.notHeld as { from: number; to: number }[];
  if (missing.length > 0) {
    const blocks = missing.reduce((sum, { from, to }) => sum + to - from, 0);
    await out.result(`${counted(blocks, 'block')} not held here (never replicated, or cleared)`);
  }
  await out.result(`digest ${digest}`);
}

function jobRow(event: Event): string[] {
  const attempts = event.attempts as { executor: string | null; tokens: number }[];
  const tokens = attempts.reduce((sum, attempt) => sum + attempt.tokens, 0);
  const executors = attempts.map(({ executor }) => short(executor)).join(' > ');
  return [
    short(event.job),
    String(event.state),
    String(tokens),
    String(attempts.length),
    executors,
  ];
}

function findingRow(event: Event): string[] {
  const index = event.index === null ? '-' : String(event.index);
  return [String(event.code), short(event.core), index, String(event.detail)];
}
