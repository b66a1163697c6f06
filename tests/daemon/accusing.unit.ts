import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { verifyEquivocation } from '../../feeds/agreement/mod.ts';
import { judgeEquivocation } from '../../feeds/ledger/mod.ts';
import {
  decodeRecord,
  importSigner,
  type LogRecord,
  signRecord,
  type VoteRecord,
} from '../../feeds/records/mod.ts';
import { Accuser } from '../../node/daemon/accusing.ts';
import { EventBus } from '../../node/daemon/events.ts';

const NETWORK = new Uint8Array(32).fill(1);
const ME = new Uint8Array(32).fill(2);

function world(reading: boolean) {
  const logged: LogRecord[] = [], banned = new Set<string>();
  const ledger = { reading, banned: (key: Uint8Array) => convicted.has(toHex(key)) };
  const convicted = new Set<string>();
  let fails = false, refreshed = 0;
  const bus = new EventBus();
  const accuser = new Accuser({
    network: NETWORK,
    me: ME,
    ledger,
    logs: {
      append: (_log, blocks) => {
        if (fails) return Promise.reject(new Error('no service'));
        logged.push(...blocks.map((block) => decodeRecord(block)));
        return Promise.resolve({ index: 0, length: logged.length });
      },
    },
    bans: {
      has: (key) => banned.has(toHex(key)),
      add: (key) => {
        banned.add(toHex(key));
        return Promise.resolve();
      },
    },
    bus,
    onBan: () => {
      refreshed++;
      return Promise.resolve();
    },
    now: () => 5,
  });
  return {
    accuser,
    bus,
    ledger,
    logged,
    banned,
    convicted,
    refreshed: () => refreshed,
    fail: (on: boolean) => fails = on,
  };
}

/** Two votes of one witness for one step that name different cuts. */
async function contradiction(seed: number, round = 0) {
  const signer = await importSigner(new Uint8Array(32).fill(seed));
  const vote = (n: number) =>
    signRecord<VoteRecord>({
      type: 'vote',
      network: NETWORK,
      epoch: 3,
      round,
      step: 'prevote',
      cut: new Uint8Array(32).fill(n),
      witness: signer.publicKey,
    }, (message) => signer.sign(message));
  const [first, second] = [await vote(1), await vote(2)];
  return { kind: 'vote' as const, witness: signer.publicKey, first, second };
}

t.test('a proof is logged once, holds by itself, and bans on sight', async (t) => {
  const { accuser, logged, banned, bus, refreshed } = world(false);
  const evidence = await contradiction(50);
  t.ok(await verifyEquivocation(evidence));
  accuser.voted(evidence);
  accuser.voted(evidence);
  accuser.voted({ ...evidence, first: evidence.second, second: evidence.first });
  await accuser.settled();
  t.equal(logged.length, 1);
  const [entry] = logged;
  if (entry?.type !== 'equivocation') throw new Error('no accusation');
  t.equal(toHex(entry.offender), toHex(evidence.witness));
  t.match(await judgeEquivocation(entry, () => null), { cause: 'equivocation' });
  t.same([...banned], [toHex(evidence.witness)]);
  t.equal(refreshed(), 1);
  t.match(bus.history, [{ event: 'banned', key: toHex(evidence.witness), proof: 'votes' }]);
  accuser.voted(await contradiction(50, 1));
  await accuser.settled();
  t.equal(logged.length, 2, 'another misdeed is another entry');
});

t.test('nobody is accused before the ledger is read, nor of what it knows', async (t) => {
  const { accuser, ledger, logged, banned, convicted } = world(true);
  const [known, news] = [await contradiction(51), await contradiction(52)];
  accuser.voted(known);
  accuser.voted(news);
  await accuser.settled();
  t.equal(logged.length, 0);
  t.equal(banned.size, 2, 'they are banned all the same');
  convicted.add(toHex(known.witness));
  ledger.reading = false;
  await accuser.settled();
  t.match(logged, [{ type: 'equivocation', offender: news.witness }]);
  t.equal(logged.length, 1);
});

t.test('what could not be written is written later; a copy of this home accuses nobody', async (t) => {
  const { accuser, logged, fail, banned, bus } = world(false);
  fail(true);
  accuser.voted(await contradiction(53));
  await t.rejects(accuser.settled().then(() => accuser.settled()), { message: 'no service' });
  fail(false);
  await accuser.settled();
  t.equal(logged.length, 1);
  accuser.voted({ ...await contradiction(54), witness: ME });
  t.equal(logged.length, 1);
  t.equal(banned.has(toHex(ME)), false);
  t.ok(bus.history.some(({ event }) => event === 'error'), 'the failure was told');
});

t.test('what the service has found without a proof, or an owner, accuses nobody', async (t) => {
  const { accuser, logged, banned } = world(false);
  const core = new Uint8Array(32);
  const found = { type: 'misconduct' as const, core, kind: 'fork' as const, detail: '' };
  accuser.seen({ ...found, offender: core, evidence: null });
  await accuser.settled();
  t.equal(logged.length + banned.size, 0);
});
