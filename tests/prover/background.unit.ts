import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { decodeRecord, type ProofRecord } from '../../feeds/records/mod.ts';
import { samplePublics, type SampleStatement } from '../../circuits/mod.ts';
import { BackgroundProver, type ProofDone } from '../../node/prover/mod.ts';
import { sealPayload } from '../../node/payloads/mod.ts';
import { sealOpenings } from '../../node/payloads/openings.ts';
import { sealShown } from '../../node/payloads/shown.ts';
import { answer, asked, fill, NETWORK, NONCE, OF } from './made_up.ts';

const made = await answer();
const payload = { prompt: [1], prefix: [], output: made.output, bytes: new Uint8Array(20) };
const owed = (n: number, due = 9) => ({
  ...asked(made.root, { entry: null, state: 'open', due }),
  subject: { ...made.proof.subject, id: toHex(fill(n)) },
});

/** A promise with what settles it. */
function gated() {
  let resolve = () => {}, reject: (thrown: unknown) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** A queue over one answer that is kept under any name. */
function world(prove: (statement: SampleStatement) => Promise<unknown> = () => Promise.resolve()) {
  const stop = new AbortController(), log: ProofRecord[] = [], done: ProofDone[] = [];
  let clock = 0, waiters: (() => void)[] = [];
  const background = new BackgroundProver({
    network: NETWORK,
    key: toHex(fill(30)),
    prover: {
      prove: async (_key, statement) => {
        await prove(statement);
        return { proof: new Uint8Array(256).fill(1), publics: samplePublics(statement) };
      },
    },
    store: {
      keyOf: () => OF.jobKey,
      get: () => Promise.resolve(sealPayload({ payload, nonce: NONCE, stops: [] }, OF)),
      openings: (_, __, positions) => Promise.resolve(sealOpenings(made.topk, 0, positions, OF)),
      shown: (_, __, positions) => Promise.resolve(sealShown(made.topk, 0, positions, OF)),
    },
    append: (block) => {
      log.push(decodeRecord(block) as ProofRecord);
      return Promise.resolve();
    },
    onDone: (one) => {
      done.push(one);
      for (const wake of waiters) wake();
      waiters = [];
    },
    now: () => 5,
    clock: () => clock++,
    signal: stop.signal,
  });
  const until = async (count: number) => {
    while (done.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  return { background, log, done, until, stop };
}

t.test('what is owed is made, the most urgent first, and logged once', async (t) => {
  const { background, log, done, until } = world();
  background.owe([owed(51, 12), owed(50, 8)]);
  await until(2);
  t.same(log.map(({ subject }) => subject[0]), [50, 51]);
  t.match(log[0], { type: 'proof', statement: 'sample', key: fill(30), at: 5 });
  t.same(done.map(({ error }) => error), [null, null]);
  t.ok(done.every(({ ms }) => ms! > 0));
  background.owe([owed(50), owed(51)]);
  background.made(toHex(fill(52)));
  background.owe([owed(52)]);
  await background.idle();
  t.equal(log.length, 2);
  t.equal(background.waiting, 0);
});

t.test('a prover that dies is asked again; what cannot be proven is told once', async (t) => {
  let tries = 0;
  const { background, log, done, until } = world(() =>
    ++tries < 3 ? Promise.reject(new NexusError('PROVER_LOST', 'gone')) : Promise.resolve()
  );
  background.owe([owed(50)]);
  await until(1);
  t.equal(tries, 3);
  t.equal(log.length, 1);
  t.equal(done[0]!.error, null);
  const other = world(() => Promise.reject(new NexusError('PROOF_WITNESS', 'it was not so drawn')));
  other.background.owe([owed(50)]);
  await other.until(1);
  t.match(other.done, [{ error: { code: 'PROOF_WITNESS' }, ms: null }]);
  other.background.owe([owed(50)]);
  await other.background.idle();
  t.equal(other.done.length, 1);
  t.same(other.log, []);
});

t.test('one that is asked for by hand comes first, and tells why it cannot be made', async (t) => {
  const gate = gated();
  const { background, log, until } = world(() => gate.promise);
  background.owe([owed(50, 3), owed(51, 4)]);
  const byHand = background.now(owed(52));
  gate.resolve();
  t.match(await byHand, { type: 'proof', subject: fill(52) });
  await until(3);
  t.ok(log.findIndex(({ subject }) => subject[0] === 52) < 2);
  await t.rejects(background.now(owed(52)), { code: 'PROOF_TWICE' });
});

t.test('who is stopped leaves what it owes for the next run', async (t) => {
  const gate = gated();
  const { background, log, done, stop } = world(() => gate.promise);
  background.owe([owed(50), owed(51)]);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error('stopped'));
  gate.reject(new NexusError('PROVER_LOST', 'killed'));
  await background.idle();
  t.same(log, []);
  t.same(done, [], 'nothing is told to have failed');
});
