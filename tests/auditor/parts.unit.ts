import t from 'tap';
import nacl from 'tweetnacl';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, draftOf, dutyOf, hex, subjectOf } from './duties.ts';
import { fromHex } from '../../feeds/base/mod.ts';
import type { LogRecord } from '../../feeds/records/mod.ts';
import type { TrustEvent, TrustView } from '../../feeds/trust/mod.ts';
import {
  Drafts,
  Entitled,
  OwnEntries,
  sealKey,
  tellOf,
  trustRows,
  unsealKey,
} from '../../node/auditor/mod.ts';

const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));

t.test('a job key is sealed to one auditor', (t) => {
  const [writer, auditor, other] = [1, 2, 3].map(() => nacl.box.keyPair());
  const key = random(32);
  const sealed = sealKey(key, auditor!.publicKey, writer!.secretKey, random);
  t.equal(sealed.length, 72, 'what an entry has room for');
  t.strictSame(unsealKey(sealed, writer!.publicKey, auditor!.secretKey), key);
  const unreadable = { code: 'KEY_UNREADABLE' };
  t.throws(() => unsealKey(sealed, writer!.publicKey, other!.secretKey), unreadable);
  t.throws(() => unsealKey(sealed, other!.publicKey, auditor!.secretKey), unreadable);
  const short = sealKey(key.subarray(1), auditor!.publicKey, writer!.secretKey, random);
  t.throws(() => unsealKey(short, writer!.publicKey, auditor!.secretKey), unreadable);
  t.end();
});

t.test('verdicts wait on disk, for their owner alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-drafts-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const drafts = await Drafts.load(folder);
  await drafts.keep(draftOf('a'));
  await drafts.keep(draftOf('b'));
  const [name] = readdirSync(folder);
  t.equal(statSync(join(folder, name!)).mode & 0o777, 0o600);
  writeFileSync(join(folder, `${hex('c')}.verdict`), 'nonsense');
  writeFileSync(join(folder, 'told.json'), '{}');
  const again = await Drafts.load(folder);
  t.strictSame(again.subjects.sort(), [hex('a'), hex('b')].sort());
  t.strictSame(again.get(hex('a')), draftOf('a'));
  t.equal(again.get(hex('c')), null);
  await again.drop(hex('a'));
  await again.drop(hex('never kept'));
  t.strictSame(readdirSync(folder).sort(), [`${hex('b')}.verdict`, 'told.json'].sort());
});

t.test('the own log is the memory: the first commitment counts', (t) => {
  const own = new OwnEntries();
  const commit = (value: string): LogRecord => ({
    type: 'verdictCommit',
    network: bytes('network'),
    subject: bytes('a'),
    value: bytes(value),
    at: 0,
  });
  own.take(commit('first'), 7);
  own.take(commit('second'), 9);
  t.strictSame(own.get(hex('a')).commit, { index: 7, value: bytes('first') });
  t.equal(own.get(hex('b')).commit, null);
  t.equal(own.get(hex('b')).opened.size, 0, 'what is not known is not shared');
  t.end();
});

t.test('transcripts go to auditors who got the key', (t) => {
  const entitled = new Entitled();
  const duty = dutyOf('a'), { job, attempt } = duty.subject;
  const has = (auditor: string) => entitled.has(hex(auditor), job, attempt);
  entitled.take([{ type: 'duty', duty: { ...duty, state: 'requested' } }]);
  t.notOk(has('auditor'));
  const open = { core: hex('log'), index: 1, cut: 6 };
  entitled.take([{ type: 'duty', duty: { ...duty, state: 'opened', open } }]);
  t.ok(has('auditor'));
  t.notOk(has('somebody else'));
  t.notOk(entitled.has(hex('auditor'), job, attempt + 1));
  t.end();
});

t.test('what a cut led to is told once, with whom it is about', (t) => {
  const duty = dutyOf('a');
  const revealed = {
    finding: 'trigger' as const,
    evidence: null,
    positions: 40,
    mismatches: 3,
    detail: 'exact 1',
  };
  const events: TrustEvent[] = [
    { type: 'duty', duty },
    { type: 'duty', duty: { ...duty, auditor: hex('another') } },
    { type: 'duty', duty: { ...duty, state: 'revealed', due: null, revealed } },
    { type: 'duty', duty: { ...duty, state: 'missed', due: null } },
    { type: 'duty', duty: { ...duty, state: 'withheld', due: null } },
    { type: 'duty', duty: { ...duty, state: 'opened' } },
  ];
  const told = tellOf(events, hex('auditor'), new OwnEntries());
  t.strictSame(told.map(({ event }) => event), [
    'audit-duty',
    'audit-verdict',
    'audit-missed',
    'audit-withheld',
  ]);
  t.match(told[1]!.fields, { own: true, mine: false, finding: 'trigger', mismatches: 3 });
  t.match(tellOf(events, hex('asker'), new OwnEntries())[0]!.fields, { own: false, mine: true });
  t.end();
});

t.test('two artifacts of one attempt, one shown and one logged, are told as a cheat', (t) => {
  const subject = subjectOf('a');
  const events: TrustEvent[] = [{ type: 'subject', subject, beacon: 5, rate: 1, audited: false }];
  const shown = (artifact: string) => {
    const own = new OwnEntries();
    own.take({
      type: 'settle',
      job: fromHex(subject.job),
      attempt: 0,
      executor: bytes('worker'),
      outcome: 'done',
      finish: 'end',
      tokens: 40,
      artifact: bytes(artifact),
      digest: null,
      firstTokenMs: 0,
      totalMs: 0,
      heads: [],
      at: 0,
    }, 3);
    return own;
  };
  const [cheat] = tellOf(events, hex('asker'), shown('another'));
  t.match(cheat, {
    event: 'cheat-proven',
    fields: { executor: hex('worker'), cause: 'contradiction', subjects: [hex('a')] },
  });
  t.same(tellOf(events, hex('asker'), shown('a')), [], 'the same one');
  t.same(tellOf(events, hex('asker'), new OwnEntries()), [], 'none was shown');
  t.same(tellOf(events, hex('stranger'), shown('another')), [], 'it is not its job');
  t.end();
});

t.test('the two of a job are told how its audit ended', (t) => {
  const closed: TrustEvent = {
    type: 'closed',
    subject: dutyOf('a').subject,
    outcome: 'inconclusive',
    reason: 'too few auditors',
    fraudClaimed: false,
  };
  const none = new OwnEntries();
  const about = (mine: boolean) => [{
    event: 'audit-closed',
    fields: { reason: 'too few auditors', mine },
    concerns: true,
  }];
  t.match(tellOf([closed], hex('asker'), none), about(true));
  t.match(tellOf([closed], hex('worker'), none), about(false));
  t.strictSame(tellOf([closed], hex('auditor'), none), []);
  t.end();
});

t.test('rows are bounded, and in nats', (t) => {
  const duties = Array.from(
    { length: 500 },
    (_, i) => dutyOf(String(i), { auditor: hex(i === 0 ? 'auditor' : 'another') }),
  );
  const history = Array.from({ length: 256 }, (_, i) => [i, i * 65_536] as const);
  const view: TrustView = {
    epoch: 9,
    digest: hex('digest'),
    beacon: null,
    missedReveals: new Map(),
    waiting: 0,
    duties,
    executors: [{
      executor: hex('worker'),
      subjects: 3,
      audited: 2,
      clean: 1,
      suspect: 0,
      withheld: 0,
      planted: 0,
      rate: 5000,
      log: -65_536,
      history,
      proven: null,
    }],
    auditors: [],
    cheats: [],
    findings: [],
    findingCount: 0,
  };
  const rows = trustRows(view, hex('auditor'), 900, null);
  t.equal(rows.audits.length, 201);
  t.ok(rows.audits[0]!.own, 'own ones are kept longest');
  const [executor] = rows.executors;
  t.match(executor, { rate: 0.5, log: -1, proven: false });
  t.equal(executor!.history.length, 64);
  t.strictSame(executor!.history.at(-1), { epoch: 255, log: 255 });
  t.ok(Math.abs(executor!.limit - Math.log(1e6 / 900)) < 1e-9);
  t.end();
});
