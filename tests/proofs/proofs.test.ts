import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { ACCOUNT_PROOF_FORMAT } from '../../feeds/ledger/mod.ts';
import {
  epochTotalPublics,
  FIELD,
  KeyRing,
  standingPublics,
  type StandingStatement,
  verifyProof,
} from '../../circuits/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import {
  AdmissionDesk,
  admitStanding,
  applicantOf,
  checkStanding,
  checkTotal,
  openText,
  parseStanding,
  parseTotal,
  proveStanding,
  proveTotal,
  type Reader,
  rootWord,
  sealText,
  standingChallenge,
  type StandingProof,
  type StandingRule,
  standingText,
  totalOf,
  type TotalProof,
  totalText,
} from '../../node/proofs/mod.ts';
import { Output } from '../../node/cli/mod.ts';
import { refuseAccountProof, showProof } from '../../node/cli/verify_proof.ts';
import { EPOCH, ledgerWorld, NETWORK } from './world.ts';

t.setTimeout(280_000);

const field = await loadPoseidon();
const keys = new KeyRing();
const standingKey = await keys.demand('standing'), totalKey = await keys.demand('epoch-total');
const world = ledgerWorld(field);
const OTHER = new Uint8Array(32).fill(6);
const APPLICANT = applicantOf(new Uint8Array(32).fill(4));
const rule: StandingRule = {
  network: NETWORK,
  reputation: 400_000,
  bond: 5_000_000,
  cuts: 3,
  terms: null,
  keys,
  allowInsecure: true,
};
const ledger = { epoch: EPOCH + 3, fields: world.fields };
let now = 1_000_000;
/** A gateway's desk, as after another start with another secret. */
const deskOf = (secret = 3, ledgerNow: typeof ledger | null = ledger) =>
  new AdmissionDesk({
    rule,
    verifier: OTHER,
    secret: new Uint8Array(32).fill(secret),
    ledger: () => ledgerNow,
    now: () => now,
    room: () => Promise.resolve(),
  });
const given = deskOf().challenge(APPLICANT.publicKey);
const CHALLENGE = given.challenge;
const { signal } = new AbortController();

const statement: StandingStatement = {
  network: NETWORK,
  epoch: EPOCH,
  accounts: world.accounts,
  reputation: 500_000,
  bond: 5_000_000,
  challenge: CHALLENGE,
};

/** Knows the roots of that one epoch. */
const reader: Reader = {
  root: (_, epoch, kind, root) => Promise.resolve(rootWord(world.fields, epoch, kind, root)),
  termsOf: () => Promise.resolve(null),
  keys,
};

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  await promise.then(
    () => 'nothing',
    (thrown) => thrown instanceof NexusError ? thrown.code : `${thrown}`,
  );
const failed = (verdict: { checks: readonly { name: string; ok: boolean }[] }): string[] =>
  verdict.checks.filter(({ ok }) => !ok).map(({ name }) => name);

let standing: StandingProof, total: TotalProof;

t.before(async () => {
  standing = await proveStanding(statement, world.path, world.secret, signal, standingKey);
  const { receipts, own, account } = world;
  total = await proveTotal(
    { network: NETWORK, epoch: EPOCH, account, receipts, own },
    signal,
    totalKey,
  );
});

t.test('a standing holds, also out of its file, and says what it does not', async (t) => {
  const read = parseStanding(JSON.parse(standingText(standing)));
  t.same(read, standing);
  const verdict = await checkStanding(read, { challenge: CHALLENGE, bond: 5_000_000 }, reader);
  t.same(failed(verdict), []);
  t.match(verdict.establishes.join(), /at least reputation 0\.5 and at least 5 NCU bonded/);
  t.match(verdict.doesNotEstablish.join(), /which account it is/);
  t.match(verdict.establishes.join(), /, which stands for the accounts of network/);
  t.match(verdict.checks[0], { detail: /INSECURE: anybody can forge/ });
  t.equal(verdict.insecure, true);
  t.notMatch(standingText(standing), new RegExp(world.key), 'nothing names the account');
});

t.test('a standing is of one network, epoch, root, challenge and bound', async (t) => {
  const changes: Partial<StandingStatement>[] = [
    { network: OTHER },
    { epoch: EPOCH + 1 },
    { accounts: world.receipts },
    { challenge: OTHER },
    { reputation: 500_001 },
    { reputation: 499_999 },
    { bond: 5_000_001 },
    { bond: 0 },
  ];
  for (const change of changes) {
    const verdict = await checkStanding({ ...standing, ...change }, {}, reader);
    t.ok(failed(verdict).includes('proof'), Object.keys(change).join());
  }
  t.same(failed(await checkStanding(standing, { challenge: OTHER }, reader)), ['challenge']);
  t.same(failed(await checkStanding(standing, { bond: 5_000_001 }, reader)), ['bounds']);
  t.same(failed(await checkStanding({ ...standing, key: OTHER }, {}, reader)), ['key']);
  const other = { keys: { standing: 'ab'.repeat(32) } };
  const pinned = { ...reader, termsOf: () => Promise.resolve(other) };
  t.same(failed(await checkStanding(standing, {}, pinned)), ['key'], 'another one is pinned');
  const differs: Reader = {
    ...reader,
    root: () => Promise.resolve({ state: 'differs', certified: 'ab'.repeat(32) }),
  };
  const elsewhere = await checkStanding(standing, {}, differs);
  t.same(failed(elsewhere), ['root']);
  t.same(elsewhere.establishes, []);
});

t.test('a root that was compared with nothing is not said to be the ledger’s', async (t) => {
  const alone: Reader = {
    ...reader,
    root: () => Promise.resolve({ state: 'unknown', why: 'no node runs here' }),
  };
  for (
    const verdict of [await checkStanding(standing, {}, alone), await checkTotal(total, alone)]
  ) {
    t.ok(verdict.ok);
    t.notMatch(verdict.establishes.join(), /which stands for|the root stands for/);
    t.match(verdict.establishes.join(), /under a root that was not compared with the ledger/);
    t.match(verdict.doesNotEstablish.join(), /that the root is the ledger’s/);
  }
});

t.test('who checks a file is warned that anybody can forge it', async (t) => {
  const home = t.testdir();
  for (const [json, rest] of [[false, /the proof holds/], [true, /"insecure":true/]] as const) {
    const said = { stdout: '', stderr: '' };
    const sink = (name: 'stdout' | 'stderr') => ({
      terminal: false,
      color: false,
      write: (text: string) => Promise.resolve(void (said[name] += text)),
    });
    const options = { json, quiet: true, verbose: false };
    const out = new Output(sink('stdout'), sink('stderr'), options);
    t.equal(await showProof(standingText(standing), { home }, out, signal), true);
    t.match(said.stderr, /warning: .*ANYBODY CAN FORGE/);
    t.match(said.stdout, rest);
    t.match(said.stdout, /not compared with the ledger/, 'no node runs here');
  }
});

t.test('the proof of an account is checked elsewhere', (t) => {
  const account = { format: ACCOUNT_PROOF_FORMAT, network: 'ab'.repeat(32) };
  for (const text of [JSON.stringify(account), JSON.stringify(account, null, 2)]) {
    t.throws(() => refuseAccountProof(text, 'a.proof'), {
      code: 'USAGE',
      hint: 'nexus ledger check a.proof',
    });
  }
  refuseAccountProof(standingText(standing), 'a.standing');
  t.end();
});

t.test('public inputs have one name: p + x is refused', async (t) => {
  const publics = standingPublics(standing);
  t.equal(await codeOf(verifyProof('standing', publics, standing.proof)), 'nothing');
  for (const [i, value] of publics.entries()) {
    const aliased = publics.with(i, value + FIELD);
    t.equal(await codeOf(verifyProof('standing', aliased, standing.proof)), 'PROOF_PUBLICS');
  }
  const beyond = new Uint8Array(32).fill(255);
  t.throws(() => standingPublics({ ...statement, accounts: beyond }), { code: 'PROOF_PUBLICS' });
  t.throws(() => standingPublics({ ...statement, reputation: 2 ** 20 }), { code: 'PROOF_PUBLICS' });
  t.throws(() => standingPublics({ ...statement, bond: -1 }), { code: 'PROOF_PUBLICS' });
});

t.test('nothing is proven that is not so', async (t) => {
  const prove = (change: Partial<StandingStatement>, secret = world.secret) =>
    codeOf(proveStanding({ ...statement, ...change }, world.path, secret, signal, standingKey));
  t.equal(await prove({ bond: 5_000_001 }), 'STANDING_SHORT');
  t.equal(await prove({ reputation: 600_001 }), 'STANDING_SHORT');
  t.equal(await prove({}, world.secret + 1n), 'PROOF_WITNESS', 'somebody else’s account');
  t.equal(await prove({ accounts: world.receipts }), 'PROOF_WITNESS');
});

t.test('who is admitted on a standing', async (t) => {
  const admit = (change: Partial<StandingRule>, now = ledger, challenge = CHALLENGE) =>
    codeOf(admitStanding(standing, { ...rule, ...change }, challenge, now));
  t.equal(await admit({}), 'nothing');
  t.equal(await admit({ allowInsecure: false }), 'KEY_INSECURE');
  const { allowInsecure: _, ...usual } = rule;
  t.equal(await codeOf(admitStanding(standing, usual, CHALLENGE, ledger)), 'KEY_INSECURE');
  t.equal(await admit({ network: OTHER }), 'STANDING_NETWORK');
  t.equal(await admit({ reputation: 500_001 }), 'STANDING_REFUSED');
  t.equal(await admit({ bond: 5_000_001 }), 'STANDING_REFUSED');
  t.equal(await admit({ cuts: 2 }), 'STANDING_OLD');
  t.equal(await admit({}, { ...ledger, epoch: EPOCH - 1 }), 'STANDING_ROOT');
  t.equal(await admit({}, { ...ledger, fields: [] }), 'STANDING_ROOT');
  const otherRoot = [{ ...world.fields[0]!, accounts: 'ab'.repeat(32) }];
  t.equal(await admit({}, { ...ledger, fields: otherRoot }), 'STANDING_ROOT');
  t.equal(await admit({}, ledger, OTHER), 'STANDING_REFUSED');
  const terms = { keys: { standing: standingKey.hash }, ceremony: ['standing' as const] };
  t.equal(await admit({ terms, allowInsecure: false }), 'KEY_INSECURE', 'whatever a file says');
  const parts = [NETWORK, CHALLENGE, OTHER, world.account];
  const names = [0, 1, 2, 3].map((i) => {
    const [network, verifier, applicant, nonce] = parts.with(i, new Uint8Array(32)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    return toHex(standingChallenge(network, verifier, applicant, nonce));
  });
  t.equal(new Set(names).size, 4, 'the challenge is of both ends, the network and the nonce');
});

t.test('a challenge admits once, its applicant, in its time, where it was given', async (t) => {
  const { publicKey: applicant } = APPLICANT, { expires } = given;
  const answer = { applicant, expires, file: standing };
  const refused = async (change: Partial<typeof answer>, desk = deskOf()) =>
    await codeOf(desk.admit({ ...answer, ...change }));
  t.equal(await refused({ applicant: OTHER }), 'ADMISSION_UNKNOWN', 'it is another one’s');
  t.equal(await refused({ expires: expires - 1 }), 'ADMISSION_UNKNOWN', 'it was not given so');
  t.equal(await refused({ expires: expires + 1 }), 'ADMISSION_EXPIRED', 'nor for longer');
  t.equal(await refused({}, deskOf(9)), 'ADMISSION_UNKNOWN', 'another start has another secret');
  t.equal(await refused({}, deskOf(3, null)), 'LEDGER_UNREAD');
  const forged = { ...standing, proof: standing.proof.with(9, standing.proof[9]! ^ 1) };
  const desk = deskOf();
  t.equal(await refused({ file: forged }, desk), 'STANDING_REFUSED');
  t.equal(await refused({}, desk), 'ADMISSION_REPLAYED', 'a wrong proof has used it up');
  const early = deskOf(3, { ...ledger, fields: [] });
  for (const _ of 'ab') t.equal(await refused({}, early), 'STANDING_ROOT', 'time has not');
  const open = deskOf();
  t.equal(await refused({}, open), 'nothing');
  t.equal(await refused({}, open), 'ADMISSION_REPLAYED');
  const all = await Promise.all(Array.from({ length: 12 }, () => refused({}, desk)));
  t.same(new Set(all), new Set(['ADMISSION_REPLAYED', 'ADMISSION_BUSY']), 'few wait at once');
  now = expires;
  t.equal(await refused({}, desk), 'ADMISSION_EXPIRED');
  now = 1_000_000;
  const sealed = sealText('nexus-secret', applicant, new Uint8Array(32).fill(8));
  t.equal(openText(sealed, APPLICANT), 'nexus-secret');
  const stranger = applicantOf(new Uint8Array(32).fill(7));
  for (
    const [bytes, who] of [[sealed, stranger], [sealed.with(40, 1), APPLICANT], [
      sealed.slice(0, 9),
      APPLICANT,
    ]] as const
  ) t.throws(() => openText(bytes, who), { code: 'ADMISSION_BAD_ANSWER' });
});

t.test('a total holds, also out of its file, over two batches', async (t) => {
  const read = parseTotal(JSON.parse(totalText(total)));
  t.same(read, total);
  t.equal(read.batches.length, 2);
  t.equal(totalOf(read), world.total);
  const verdict = await checkTotal(read, reader);
  t.same(failed(verdict), []);
  t.match(verdict.establishes.join(), /sum to 0\.04078 NCU/);
  t.match(verdict.doesNotEstablish.join(), /which are public/);
});

t.test('a total is of one network, epoch, account and all of its batches', async (t) => {
  const [one, two] = total.batches as [TotalProof['batches'][0], TotalProof['batches'][0]];
  const wrong = async (change: Partial<TotalProof>) =>
    failed(await checkTotal({ ...total, ...change }, reader)).sort();
  t.same(await wrong({ network: OTHER }), ['proofs']);
  t.same(await wrong({ epoch: EPOCH + 1 }), ['proofs']);
  t.same(await wrong({ account: OTHER }), ['path', 'proofs']);
  t.same(await wrong({ batches: [{ ...one, total: one.total + 1 }, two] }), ['proofs']);
  t.same(await wrong({ batches: [one] }), ['path', 'proofs'], 'none is left out');
  t.same(await wrong({ batches: [two, one] }), ['path', 'proofs']);
  t.same(await wrong({ batches: [one, two, two] }), ['path', 'proofs'], 'none counts twice');
  const moved = [{ ...one, total: one.total + 5 }, { ...two, total: two.total - 5 }];
  t.same(await wrong({ batches: moved }), ['proofs']);
  t.same(await wrong({ receipts: world.accounts }), ['path', 'root']);
  t.same(await wrong({ index: 0 }), ['path']);
  t.same(await wrong({ key: OTHER }), ['key']);
  t.same(await wrong({ batches: [{ ...one, root: new Uint8Array(32).fill(255) }, two] }), [
    'path',
    'proofs',
  ]);
  const publics = epochTotalPublics({ ...total, ...one, batch: 0, batches: 2 });
  for (const [i, value] of publics.entries()) {
    const aliased = publics.with(i, value + FIELD);
    t.equal(await codeOf(verifyProof('epoch-total', aliased, one.proof)), 'PROOF_PUBLICS');
  }
});

t.test('files that anybody may have written', (t) => {
  const good = JSON.parse(standingText(standing)), sum = JSON.parse(totalText(total));
  const files: [(json: unknown) => unknown, unknown][] = [
    [parseStanding, null],
    [parseStanding, { ...good, format: 'nexus-standing-proof/2' }],
    [parseStanding, { ...good, more: 1 }],
    [parseStanding, { ...good, proof: good.proof.slice(2) }],
    [parseStanding, { ...good, reputation: 1_000_001 }],
    [parseStanding, { ...good, epoch: -1 }],
    [parseTotal, { ...sum, batches: [] }],
    [parseTotal, { ...sum, batches: new Array(1025).fill(sum.batches[0]) }],
    [parseTotal, { ...sum, siblings: new Array(21).fill(sum.siblings[0]) }],
    [parseTotal, {
      ...sum,
      batches: sum.batches.map((one: object) => ({ ...one, total: 2 ** 52 })),
    }],
  ];
  for (const [parse, json] of files) t.throws(() => parse(json), { code: 'PROOF_FILE_BAD' });
  t.end();
});
