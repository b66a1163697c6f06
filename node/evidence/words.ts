import { counted } from '../../feeds/base/mod.ts';
import type { AuditedSubject, Evidence, Replayed } from '../../feeds/evidence/mod.ts';
import { LOG_UNIT } from '../../feeds/trust/mod.ts';
import type { NetworkFile } from '../network/mod.ts';
import type { Reread } from './reread.ts';
import type { EvidenceAudit, EvidenceCheat, EvidenceContradiction } from './types.ts';

/** What the file shows, for its words. */
export interface Shown {
  evidence: Evidence;
  replayed: Replayed;
  network: NetworkFile;
  /** True where the reader knows the network by other means than the file. */
  known: boolean;
  about: readonly AuditedSubject[];
  cheat: EvidenceCheat | null;
  contradictions: readonly EvidenceContradiction[];
  /** Transcripts in it, and those that were opened and compared. */
  opened: number;
  /** Of those, how many have facts about the vocabulary that only the file vouches for. */
  unproven: number;
  rereads: readonly Reread[];
}

const short = (key: string): string => `${key.slice(0, 16)}…`;

/** What follows from a file that holds, and what does not. */
export function inWords(shown: Shown): { establishes: string[]; doesNotEstablish: string[] } {
  return { establishes: established(shown), doesNotEstablish: open(shown) };
}

function established(shown: Shown): string[] {
  const { evidence, replayed, network, about, cheat, contradictions, opened } = shown;
  const { epoch, beacons, view } = replayed;
  const words = [
    `Network ${network.name} agreed on ${counted(epoch + 1, 'cut')}: each is certified by more ` +
    `than two thirds of the weight of its ${
      counted(network.witnesses.length, 'witness', 'witnesses')
    }.`,
    `${counted(beacons, 'beacon')}, made of shares that were committed to before, drew which ` +
    'answers were audited and by whom, among everybody who stood in a cut as an auditor.',
  ];
  const duties = about.flatMap((one) => one.duties);
  const revealed = duties.filter(({ state }) => state === 'revealed');
  const of = 'executor' in evidence.about
    ? `Of executor ${short(evidence.about.executor)}`
    : `Of job ${short(evidence.about.job)}`;
  const drawn = about.filter(({ audited }) => audited).length;
  words.push(
    `${of} ${counted(about.length, 'answer')} stood in a cut; ${drawn} of them drawn for an audit.`,
  );
  if (revealed.length > 0) {
    words.push(
      `${
        counted(revealed.length, 'verdict')
      } of drawn auditors stand in the cuts, each committed to ` +
        'in an earlier cut than it was revealed in.',
    );
  }
  const findings = ['ok', 'trigger', 'fraud', 'inconclusive'].flatMap((finding) => {
    const count = revealed.filter((duty) => duty.revealed?.finding === finding).length;
    return count === 0 ? [] : [`${count} ${finding}`];
  });
  if (findings.length > 0) words.push(`The auditors found: ${findings.join(', ')}.`);
  const record = view.executors.find(({ executor }) =>
    'executor' in evidence.about && executor === evidence.about.executor
  );
  if (cheat !== null) {
    words.push(
      `Executor ${
        short(cheat.executor)
      } is proven a cheat since cut ${cheat.epoch}: over all of its ` +
        `audited answers the evidence is ${
          cheat.log.toFixed(2)
        } nats, and an honest executor ever ` +
        `reaches ${cheat.limit.toFixed(2)} with a chance of at most ` +
        `${network.rules.lifetimeAlpha} in a million.`,
    );
  } else if (record !== undefined) {
    words.push(
      `Its lifetime test stands at ${
        (record.log / LOG_UNIT).toFixed(2)
      } nats: that does not prove ` +
        'it a cheat.',
    );
  }
  if (opened > 0) {
    words.push(
      `The token ids of ${
        counted(opened, 'answer')
      } in the file are those that its executor signed.`,
    );
  }
  for (const { executor, code, position, subject } of contradictions.slice(0, 16)) {
    words.push(
      `Executor ${short(executor)} signed what cannot be (${code}` +
        `${position === null ? '' : ` at token ${position}`}, answer ${short(subject)}).`,
    );
  }
  return words;
}

function open({ evidence, network, known, opened, unproven, cheat, rereads }: Shown): string[] {
  const words: string[] = [];
  if (!known) {
    words.push(
      `That network ${network.name} is one that you know: the file itself names its witnesses. ` +
        'Compare the id.',
    );
  }
  words.push(
    'That fewer than a third of the witnesses’ weight is dishonest: who has more can certify ' +
      'another history.',
    'That single auditors read what they say: their evidence is averaged, the largest left out, ' +
      'and only the sum of many audits accuses.',
  );
  const sealed = evidence.openings.length - opened;
  if (sealed > 0) words.push('What stands in the sealed transcripts: you have no key to them.');
  if (opened === 0) {
    words.push('What was asked and answered: the logs hold salted commitments only.');
  } else if (rereads.length === 0) {
    words.push('What a model says to these token ids: --rerun reads them once more.');
  }
  if (unproven > 0) {
    words.push('That the end tokens are those of the model: --rerun looks at the model itself.');
  }
  if (cheat === null) words.push('That the executor is honest: its test may go on.');
  words.push('When it happened: times in the logs are their writers’ own.');
  return words;
}

/** A subject as the report lists it. */
export function auditOf(
  { subject, audited, duties, outcome, reason }: AuditedSubject,
): EvidenceAudit {
  return {
    subject: subject.id,
    job: subject.job,
    attempt: subject.attempt,
    executor: subject.executor,
    tokens: subject.tokens,
    audited,
    outcome,
    reason,
    duties: duties.map(({ auditor, panel, state, revealed }) => ({
      auditor,
      panel,
      state,
      finding: revealed?.finding ?? null,
      positions: revealed?.positions ?? null,
      mismatches: revealed?.mismatches ?? null,
      detail: revealed?.detail ?? '',
    })),
  };
}
