import t from 'tap';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  createInvite,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  encodeToken,
  findInvite,
  type Invite,
  inviteState,
  type InviteToken,
  listInvites,
  loadNetwork,
  membersOf,
  newPrivateNetwork,
  parseToken,
  redeem,
  redeemInvite,
  revoke,
  revokeInvite,
  saveNetwork,
  serveInvites,
} from '../../node/network/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import { importSigner } from '../../feeds/records/mod.ts';
import { toHex } from '../../feeds/base/mod.ts';
import { pairOf } from './pair.ts';

const key = (n: number) => new Uint8Array(32).fill(n);
const [owner, laptop, phone] = await Promise.all([1, 2, 3].map((n) => importSigner(key(n))));
const NOW = 1_700_000_000_000, HOUR = 3_600_000;

const token: InviteToken = {
  network: key(4),
  secret: key(5),
  owner: key(6),
  seed: key(7),
  expiresAt: NOW,
  bootstrap: ['127.0.0.1:49737', 'dht.example:1'],
};

t.test('a token survives being copied, and says so when it did not', (t) => {
  const text = encodeToken(token);
  t.same(parseToken(text), token);
  t.same(parseToken(`  ${text.slice(0, 40)}\n  ${text.slice(40)}\n`), token);
  t.same(parseToken(encodeToken({ ...token, bootstrap: null })).bootstrap, null);
  for (
    const bad of ['', 'nexus1:', 'x', text.slice(6), text.slice(0, -1), `${text}A`, `${text}!`]
  ) {
    t.throws(() => parseToken(bad), { code: 'INVITE_INVALID' });
  }
  fc.assert(fc.property(fc.nat(text.length - 8), fc.constantFrom('A', 'z', '_'), (at, char) => {
    const changed = text.slice(0, 7 + at) + char + text.slice(8 + at);
    if (changed === text) return true;
    try {
      parseToken(changed);
      return false;
    } catch (thrown) {
      return (thrown as { code?: string }).code === 'INVITE_INVALID';
    }
  }));
  t.end();
});

t.test('an invite lets one machine in, once, in time, unless it was revoked', (t) => {
  const open: Invite = {
    key: key(9),
    createdAt: NOW,
    expiresAt: NOW + HOUR,
    used: null,
    revokedAt: null,
  };
  const refused = (invite: Invite | null, now: number, code: string) =>
    t.throws(() => redeem(invite, key(1), now), { code, hint: /nexus invite/ });
  const used = redeem(open, key(1), NOW);
  t.same(used.used, { by: key(1), at: NOW });
  t.equal(redeem(used, key(1), NOW + 2 * HOUR), used, 'the same machine may ask again');
  t.throws(() => redeem(used, key(2), NOW), { code: 'INVITE_USED' });
  refused(open, NOW + HOUR, 'INVITE_EXPIRED');
  refused(revoke(open, NOW), NOW, 'INVITE_REVOKED');
  refused(null, NOW, 'INVITE_UNKNOWN');
  t.equal(revoke(used, NOW), used);
  t.same([open, used, revoke(open, NOW)].map((one) => inviteState(one, NOW)), [
    'open',
    'used',
    'revoked',
  ]);
  t.end();
});

/** An owner who serves invites, with a function that connects to it. */
async function ownerOf(t: { testdir(): string; equal(a: unknown, b: unknown): void }) {
  const paths = pathsOf(t.testdir());
  const made = await newPrivateNetwork(paths, {
    name: 'home',
    owner: owner!.publicKey,
    sign: owner!.sign,
    machine: 'desk',
  });
  let now = NOW;
  const seen: string[] = [];
  let handler: (channel: never) => void = () => {};
  const served = serveInvites({ serve: (_, given) => handler = given }, {
    network: made,
    self: owner!,
    now: () => now,
    onMembers: (list) => seen.push(list.members.map((one) => one.name).sort().join(' ')),
    onRefused: (_, error) => seen.push(error.code),
  });
  t.equal(served, true);
  const connect = (joiner: Uint8Array) => {
    const [end, ownersEnd] = pairOf(joiner, owner!.publicKey);
    handler(ownersEnd as never);
    return end;
  };
  const invite = async () => {
    const options = { now, lifeMs: HOUR, bootstrap: null };
    return parseToken((await createInvite(made, owner!.publicKey, options)).token);
  };
  const network = () => loadNetwork(paths, 'home');
  return { paths, made, network, invite, connect, seen, later: () => now += 2 * HOUR };
}

t.test('a newcomer gets in by the owner, and has all it needs', async (t) => {
  const { paths, made, network, invite, connect, seen } = await ownerOf(t);
  const token = await invite();
  const joiner = laptop!.publicKey;
  const { file, members } = await redeemInvite(connect(joiner), token, joiner, 'laptop');
  t.same(seen, ['desk laptop']);
  t.same(file, made.file);
  const { secret, bootstrap } = token;
  const joined = await saveNetwork(pathsOf(join(paths.home, 'joiner')), 'home', {
    file,
    members,
    secret,
    bootstrap,
  });
  t.same(joined.id, made.id);
  t.same(joined.secret, made.secret);
  t.same(membersOf(joined), membersOf(await network()));
  const again = await redeemInvite(connect(joiner), token, joiner, 'laptop');
  t.same(again.members, members, 'a lost answer can be asked for again');
  const [kept] = await listInvites((await network()).folder!);
  t.same(kept?.used, { by: joiner, at: NOW });
  t.notMatch(JSON.stringify(kept), toHex(token.seed));
});

t.test('of many machines with one token one gets in', async (t) => {
  const { network, invite, connect } = await ownerOf(t);
  const token = await invite();
  const machines = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => (await importSigner(key(20 + n))).publicKey),
  );
  const outcomes = await Promise.allSettled(
    machines.map((joiner) => redeemInvite(connect(joiner), token, joiner, 'x')),
  );
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') t.match(outcome.reason, { code: 'INVITE_USED' });
  }
  t.equal((await network()).members?.members.length, 2);
});

t.test('late, revoked and unknown invites are refused by name, and a stolen proof is', async (t) => {
  const { network, invite, connect, later, seen } = await ownerOf(t);
  const joiner = laptop!.publicKey;
  const [first, second] = [await invite(), await invite()];
  const folder = (await network()).folder!;
  const id = toHex((await importSigner(second.seed)).publicKey);
  await revokeInvite(folder, id.slice(0, 8), NOW);
  const ask = (token: InviteToken, from = joiner) =>
    redeemInvite(connect(from), token, joiner, 'x');
  await t.rejects(ask(second), { code: 'INVITE_REVOKED' });
  await t.rejects(ask({ ...first, seed: key(99) }), { code: 'INVITE_UNKNOWN' });
  await t.rejects(ask(first, phone!.publicKey), { code: 'INVITE_UNKNOWN' }, 'made for another key');
  t.match(await findInvite(folder, (await importSigner(first.seed)).publicKey), { used: null });
  later();
  await t.rejects(ask(first), { code: 'INVITE_EXPIRED' });
  t.same(seen, ['INVITE_REVOKED', 'INVITE_UNKNOWN', 'INVITE_UNKNOWN', 'INVITE_EXPIRED']);
});

t.test('a newcomer believes no owner but the one of the token', async (t) => {
  const { made, invite } = await ownerOf(t);
  const token = await invite();
  const joiner = laptop!.publicKey;
  const answerWith = (answer: Parameters<typeof encodeAnswer>[0], from = owner!.publicKey) => {
    const [end, other] = pairOf(joiner, from);
    void (async () => {
      for await (const _ of other) await other.send(encodeAnswer(answer));
    })();
    return redeemInvite(end, token, joiner, 'x');
  };
  const members = made.members!;
  const lie = { code: 'INVITE_BAD_ANSWER' };
  await t.rejects(answerWith({ ok: true, file: made.file, members }, key(8)), lie);
  await t.rejects(answerWith({ ok: true, file: { ...made.file, name: 'x' }, members }), lie);
  await t.rejects(answerWith({ ok: true, file: made.file, members }), lie, 'it is not in the list');
  const forged = { ...members, members: [...members.members, { key: joiner, name: 'x' }] };
  await t.rejects(answerWith({ ok: true, file: made.file, members: forged }), {
    code: /INVITE_BAD_ANSWER|MEMBERS_INVALID/,
  });
});

t.test('no bytes make the codecs of the protocol fail in another way', (t) => {
  const request = { invite: key(1), proof: new Uint8Array(64), name: 'a\u0007b' };
  t.same(decodeRequest(encodeRequest(request)), { ...request, name: 'ab' });
  const known = ['INVITE_BAD_MESSAGE', 'NETWORK_INVALID', 'MEMBERS_INVALID'];
  fc.assert(fc.property(fc.uint8Array(), fc.jsonValue(), (raw, value) => {
    const shaped = { version: 1, network: value, members: value };
    const texts = [value, shaped].map((one) => new TextEncoder().encode(JSON.stringify(one)));
    for (const bytes of [raw, ...texts]) {
      for (const decode of [decodeRequest, decodeAnswer]) {
        try {
          decode(bytes);
        } catch (thrown) {
          if (!known.includes((thrown as { code: string }).code)) return false;
        }
      }
    }
    return true;
  }));
  t.end();
});
