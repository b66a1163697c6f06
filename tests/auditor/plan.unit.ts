import t from 'tap';
import { bytes, draftOf, dutyOf, hex, subjectOf } from './duties.ts';
import { type Action, type Outlook, OwnEntries, plan } from '../../node/auditor/mod.ts';
import type { LogRecord } from '../../feeds/records/mod.ts';
import type { Duty } from '../../feeds/trust/mod.ts';

interface Made extends Partial<Omit<Outlook, 'own' | 'drafts'>> {
  said?: [LogRecord, number][];
  drafts?: string[];
}

function planned({ said = [], drafts = [], ...more }: Made): Action[] {
  const own = new OwnEntries();
  for (const [record, index] of said) own.take(record, index);
  return plan({
    me: hex('auditor'),
    epoch: 6,
    owed: [],
    toOpen: [],
    own,
    drafts: {
      get: (subject) => drafts.map(hex).includes(subject) ? draftOf(drafts[0]!) : null,
    },
    holdsKey: () => true,
    ...more,
  });
}

const at = 0, network = bytes('network'), job = bytes('job'), attempt = 0;
const request = (name: string): LogRecord => {
  return { type: 'request', network, subject: bytes(name), job, attempt, at };
};
const commit = (name: string): LogRecord => {
  return { type: 'verdictCommit', network, subject: bytes(name), value: bytes('value'), at };
};
const place = { core: hex('log'), index: 1, cut: 6 };
const opened: Partial<Duty> = { state: 'opened', open: place };
const committed: Partial<Duty> = { state: 'committed', commit: place };

t.test('an auditor asks, audits, reveals: each once', (t) => {
  const names = (actions: Action[]) => actions.map((action) => action.do);
  t.strictSame(names(planned({ owed: [dutyOf('a')] })), ['request']);
  t.strictSame(planned({ owed: [dutyOf('a')], said: [[request('a'), 0]] }), []);
  t.strictSame(names(planned({ owed: [dutyOf('a', opened)] })), ['audit']);
  t.strictSame(planned({ owed: [dutyOf('a', opened)], said: [[commit('a'), 0]] }), []);
  const reveals = { ...committed, mayReveal: true };
  t.match(planned({ owed: [dutyOf('a', reveals)], drafts: ['a'] }), [{ do: 'reveal' }]);
  const reveal = draftOf('a');
  t.strictSame(
    planned({ owed: [dutyOf('a', reveals)], drafts: ['a'], said: [[reveal, 4]] }),
    [],
  );
  t.end();
});

t.test('a verdict waits for the others of its round, and for what it was made of', (t) => {
  t.strictSame(planned({ owed: [dutyOf('a', committed)], drafts: ['a'] }), []);
  t.strictSame(planned({ owed: [dutyOf('a', { ...committed, mayReveal: true })] }), []);
  t.end();
});

t.test('nothing is done that is too late', (t) => {
  const late = { due: 6 };
  t.strictSame(planned({ owed: [dutyOf('a', late), dutyOf('b', { ...opened, ...late })] }), []);
  t.strictSame(planned({ owed: [dutyOf('a', { due: null })] }), []);
  t.equal(planned({ owed: [dutyOf('a', { due: 7 })] }).length, 1, 'the next cut still counts');
  t.end();
});

t.test('entries come before audits, and what is urgent first', (t) => {
  const owed = [
    dutyOf('a', { ...opened, due: 12 }),
    dutyOf('b', { ...opened, due: 9 }),
    dutyOf('c', { due: 20 }),
    dutyOf('d', { due: 7 }),
  ];
  const order = planned({ owed }).map(({ duty }) => duty.subject.id);
  t.strictSame(order, ['d', 'c', 'b', 'a'].map(hex));
  t.end();
});

t.test('the key goes to whoever was drawn and asked, once', (t) => {
  const asked = dutyOf('a', { state: 'requested', request: place, due: 8 });
  const worker = { me: hex('worker'), toOpen: [asked] };
  t.match(planned(worker), [{ do: 'open', log: 'artifacts' }]);
  t.strictSame(planned({ ...worker, holdsKey: () => false }), [], 'the key is gone');
  const open: LogRecord = {
    type: 'open',
    subject: bytes('a'),
    job,
    attempt,
    auditor: bytes('auditor'),
    sealed: new Uint8Array(72),
    at,
  };
  t.strictSame(planned({ ...worker, said: [[open, 9]] }), []);
  const other = { ...open, auditor: bytes('somebody else') };
  t.equal(planned({ ...worker, said: [[other, 9]] }).length, 1, 'to each auditor');
  t.strictSame(planned({ me: hex('a stranger'), toOpen: [asked] }), []);
  t.end();
});

t.test('the requester opens where the executor does not', (t) => {
  const me = hex('asker');
  const asked = dutyOf('a', { state: 'requested', request: place, due: 9 });
  t.strictSame(planned({ me, toOpen: [asked], epoch: 6 }), [], 'it is the executor’s turn');
  t.match(planned({ me, toOpen: [asked], epoch: 7 }), [{ do: 'open', log: 'jobs' }]);
  t.match(planned({ me, toOpen: [{ ...asked, due: 7 }] }), [{ do: 'open', log: 'jobs' }]);
  const bad = { ...asked, ...opened };
  t.strictSame(planned({ me, toOpen: [bad], epoch: 6 }), [], 'the executor has opened');
  const again = planned({ me, toOpen: [bad], epoch: 7 });
  t.match(again, [{ do: 'open', log: 'jobs' }], 'and nothing came of it');
  const died = { ...asked, subject: subjectOf('a', { kind: 'settle' }) };
  t.match(planned({ me, toOpen: [died] }), [{ do: 'open', log: 'jobs' }], 'the executor died');
  t.end();
});
