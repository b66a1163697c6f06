import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { KeyRing } from '../../circuits/mod.ts';
import { admissionFrom, admissionOf, rootsOf } from '../../node/cli/admission.ts';
import type { NexusNode } from '../../node/daemon/mod.ts';
import { AdmissionDesk, STANDING_FORMAT, type StandingProof } from '../../node/proofs/mod.ts';

const NETWORK = new Uint8Array(32).fill(1), ACCOUNTS = new Uint8Array(32).fill(2);
const LIFE_MS = 600_000;
/** Of a network with a ledger that pins no keys. */
const FILE = { ledger: {}, circuits: null };
const fields = [{ epoch: 5, accounts: toHex(ACCOUNTS), receipts: null }];

/** A desk that counts how often it came to look at a proof: no key is here that one could hold under. */
function deskOf(ledger: { now: { epoch: number; fields: typeof fields } | null }) {
  let checks = 0, now = 1_000_000, isFull = false, looks = 0;
  const keys = new class extends KeyRing {
    override find(): Promise<null> {
      checks++;
      return Promise.resolve(null);
    }
  }();
  const desk = new AdmissionDesk({
    rule: { network: NETWORK, reputation: 0, bond: 1, cuts: 3, terms: null, keys },
    verifier: new Uint8Array(32).fill(3),
    secret: new Uint8Array(32).fill(4),
    ledger: () => ledger.now,
    now: () => now,
    room: () => {
      looks++;
      return isFull ? Promise.reject(new NexusError('KEYS_TOO_MANY', 'no')) : Promise.resolve();
    },
  });
  /** Answers a challenge with a proof that is none. */
  const answer = async (number: number, change: Partial<StandingProof> = {}) => {
    const applicant = new Uint8Array(32);
    new DataView(applicant.buffer).setUint32(0, number);
    const { challenge, expires } = desk.challenge(applicant);
    const file = {
      network: NETWORK,
      epoch: 5,
      accounts: ACCOUNTS,
      reputation: 0,
      bond: 1,
      challenge,
      key: new Uint8Array(32),
      proof: new Uint8Array(256),
      ...change,
    };
    try {
      await desk.admit({ applicant, expires, file });
      return 'nothing';
    } catch (thrown) {
      return thrown instanceof NexusError ? thrown.code : String(thrown);
    }
  };
  return {
    answer,
    checks: () => checks,
    looks: () => looks,
    fill: (full: boolean) => void (isFull = full),
    wait: (ms: number) => now += ms,
  };
}

t.test('a challenge that was answered wrongly is used', async (t) => {
  const { answer, checks } = deskOf({ now: { epoch: 6, fields } });
  t.equal(await answer(1), 'STANDING_REFUSED');
  t.equal(checks(), 1);
  for (const _ of 'abc') t.equal(await answer(1), 'ADMISSION_REPLAYED');
  t.equal(checks(), 1, 'no proof of it is looked at again');
  t.equal(await answer(2, { network: ACCOUNTS }), 'STANDING_NETWORK');
  t.equal(await answer(2), 'ADMISSION_REPLAYED', 'whatever was wrong');
  const all = await Promise.all(Array.from({ length: 5 }, () => answer(3)));
  t.same(all, ['STANDING_REFUSED', ...Array(4).fill('ADMISSION_REPLAYED')]);
  t.equal(checks(), 2);
});

t.test('where nobody more can be admitted, no challenge is used up', async (t) => {
  const { answer, checks, looks, fill } = deskOf({ now: { epoch: 6, fields } });
  fill(true);
  t.equal(await answer(1, { challenge: ACCOUNTS }), 'ADMISSION_UNKNOWN');
  t.equal(looks(), 0, 'who was asked nothing is told nothing of it');
  for (const _ of 'ab') t.equal(await answer(1), 'KEYS_TOO_MANY');
  t.equal(checks(), 0);
  fill(false);
  t.equal(await answer(1), 'STANDING_REFUSED');
});

t.test('what time mends leaves a challenge for another try', async (t) => {
  const ledger: Parameters<typeof deskOf>[0] = { now: null };
  const { answer, checks } = deskOf(ledger);
  for (const _ of 'ab') t.equal(await answer(1), 'LEDGER_UNREAD');
  ledger.now = { epoch: 4, fields: [] };
  for (const _ of 'ab') t.equal(await answer(1), 'STANDING_ROOT', 'the cut has not come');
  ledger.now = { epoch: 6, fields: [] };
  for (const _ of 'ab') t.equal(await answer(1), 'STANDING_ROOT', 'its root is not certified');
  t.equal(checks(), 0, 'no proof was looked at');
  ledger.now = { epoch: 6, fields };
  t.equal(await answer(1), 'STANDING_REFUSED');
  t.equal(await answer(1), 'ADMISSION_REPLAYED');
});

t.test('however many wrong answers come, the next applicant has its turn', async (t) => {
  const { answer, checks, wait } = deskOf({ now: { epoch: 6, fields } });
  for (let number = 0; number <= 4096; number++) await answer(number);
  t.equal(checks(), 4097);
  t.equal(await answer(5000), 'STANDING_REFUSED');
  t.equal(await answer(4096), 'ADMISSION_REPLAYED');
  wait(LIFE_MS);
  t.equal(await answer(4096), 'STANDING_REFUSED', 'this is a new one');
});

t.test('proofs are checked in a process of their own; one that is lost uses no challenge up', async (t) => {
  const asked: unknown[] = [];
  let says = 'PROVER_LOST', ended = false;
  const prover = {
    verify: (statement: string, hash: string) => {
      asked.push({ statement, hash });
      return Promise.reject(new NexusError(says, 'no'));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(void (ended = true)),
  };
  const network = { name: 'n', id: NETWORK, keyFolder: '/nowhere', file: FILE };
  const node = {
    key: 'ab'.repeat(32),
    options: { network, home: { paths: { keys: '/nowhere/keys.json' } } },
    ledger: { fold: { epoch: 6, view: () => ({ epoch: 6, fields }) } },
  } as unknown as NexusNode;
  const terms = admissionFrom(['bond=1', 'insecure=1']);
  const admission = await admissionOf(node, terms, prover);
  const applicant = new Uint8Array(32);
  const key = await new KeyRing().demand('standing');
  const { challenge, expires } = admission.challenge(applicant);
  const proof = {
    format: STANDING_FORMAT,
    network: toHex(NETWORK),
    epoch: 5,
    accounts: toHex(ACCOUNTS),
    reputation: 0,
    bond: 1_000_000,
    challenge,
    key: key.hash,
    proof: '00'.repeat(256),
  };
  const admit = () => admission.admit(applicant, expires, proof);
  for (const _ of 'ab') await t.rejects(admit(), { code: 'ADMISSION_BUSY' });
  says = 'PROOF_INVALID';
  await t.rejects(admit(), { code: 'STANDING_REFUSED', message: /PROOF_INVALID/ });
  await t.rejects(admit(), { code: 'ADMISSION_REPLAYED' });
  t.same(asked, Array(3).fill({ statement: 'standing', hash: key.hash }));
  await admission[Symbol.asyncDispose]();
  t.ok(ended, 'it ends with the gateway');
});

t.test('a desk copies what it needs of the ledger once a cut', (t) => {
  let views = 0;
  const foldOf = (epoch: number) => ({
    epoch,
    view() {
      views++;
      return { epoch: this.epoch, fields };
    },
  });
  let fold: ReturnType<typeof foldOf> | null = null;
  const roots = rootsOf(() => fold);
  t.equal(roots(), null);
  fold = foldOf(5);
  for (const _ of 'abc') t.same(roots(), { epoch: 5, fields });
  t.equal(views, 1);
  fold.epoch = 6;
  t.match(roots(), { epoch: 6 });
  fold = foldOf(6);
  t.match(roots(), { epoch: 6 });
  t.equal(views, 3, 'nor is another fold taken for it');
  fold = null;
  t.equal(roots(), null);
  t.end();
});
