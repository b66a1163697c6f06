import type { Duty, Hex } from '../../feeds/trust/mod.ts';
import type { VerdictRevealRecord } from '../../feeds/records/mod.ts';
import type { OwnEntries } from './own.ts';

/** Entries that one look at the duties leads to, at most: more come with the next cut. */
const MAX_ENTRIES = 256;

/** What is next to be done. */
export type Action =
  | { do: 'request'; duty: Duty }
  /** Give the key to the auditor, in that log. */
  | { do: 'open'; duty: Duty; log: 'jobs' | 'artifacts' }
  /** Fetch, read once more, judge, commit. Takes long: one at a time, the first one first. */
  | { do: 'audit'; duty: Duty }
  | { do: 'reveal'; duty: Duty; draft: VerdictRevealRecord };

/** Everything that the plan depends on. */
export interface Outlook {
  me: Hex;
  /** Epoch of the newest cut: what is logged now stands in a later one. */
  epoch: number;
  /** Own duties that are not over. */
  owed: readonly Duty[];
  /** Others' duties about answers that this node gave or got, and has not opened. */
  toOpen: readonly Duty[];
  own: Pick<OwnEntries, 'get'>;
  drafts: { get(subject: Hex): VerdictRevealRecord | null };
  /** True where the job key is here. */
  holdsKey(job: Hex, attempt: number): boolean;
}

/**
 * What a node does next, from what the cuts say and what it has logged itself. Said twice is never:
 * the own log is the memory. The key goes to whoever was drawn, by this node's own fold, and asked in
 * time; to nobody else.
 */
export function plan(outlook: Outlook): Action[] {
  const { epoch, owed, toOpen } = outlook;
  const inTime = ({ due }: Duty) => due !== null && due > epoch;
  const entries: Action[] = [];
  for (const duty of toOpen) {
    const open = inTime(duty) ? openingOf(duty, outlook) : null;
    if (open !== null) entries.push(open);
  }
  const audits: Action[] = [];
  for (const duty of owed.filter(inTime)) {
    const step = stepOf(duty, outlook);
    if (step !== null) (step.do === 'audit' ? audits : entries).push(step);
  }
  const urgent = (a: Action, b: Action) => a.duty.due! - b.duty.due!;
  return [...entries.sort(urgent).slice(0, MAX_ENTRIES), ...audits.sort(urgent)];
}

function stepOf(duty: Duty, { own, drafts }: Outlook): Action | null {
  const said = own.get(duty.subject.id);
  switch (duty.state) {
    case 'drawn':
      return said.requested ? null : { do: 'request', duty };
    case 'opened':
      return said.commit === null ? { do: 'audit', duty } : null;
    case 'committed': {
      if (!duty.mayReveal) return null;
      const draft = drafts.get(duty.subject.id);
      // Without what it was made of a commitment cannot be opened: the duty is missed.
      return said.revealed || draft === null ? null : { do: 'reveal', duty, draft };
    }
    default:
      return null;
  }
}

/**
 * The executor opens at once, the requester where it does not. Whoever has not opened does so too
 * where the other's key came to nothing in one cut: it may be a wrong one.
 */
function openingOf(duty: Duty, { me, epoch, own, holdsKey }: Outlook): Action | null {
  const { subject, auditor, request, open, due } = duty;
  const isKnown = holdsKey(subject.job, subject.attempt);
  if (!isKnown || own.get(subject.id).opened.has(auditor)) return null;
  const isExecutor = subject.executor === me;
  if (!isExecutor && subject.requester !== me) return null;
  const waited = epoch > (open ?? request)!.cut;
  const first = isExecutor || subject.kind === 'settle' || due! <= epoch + 1;
  if (!waited && !(open === null && first)) return null;
  return { do: 'open', duty, log: isExecutor ? 'artifacts' : 'jobs' };
}
