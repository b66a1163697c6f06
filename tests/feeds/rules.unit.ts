import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { decide, MAX_GUESTS, type Room } from '../../feeds/service/admission.ts';
import { decodeControl, decodeHello, type Hello } from '../../feeds/service/control.ts';
import { enforceQuota } from '../../feeds/service/quota.ts';
import { refusal } from '../../feeds/service/refusal.ts';

const peer = new Uint8Array(32).fill(5);
const network = new Uint8Array(32).fill(1);
const hello = (more: Partial<Hello> = {}): Hello => ({
  version: 1,
  network,
  identity: null as never,
  membership: null,
  ...more,
});
const room = (more: Partial<Room> = {}): Room => ({
  network,
  members: null,
  banned: new Set<string>(),
  maxPeers: 2,
  ...more,
});
const nobody = { admitted: 0, guests: 0 };

t.test('who is let in', (t) => {
  const code = (room: Room, theirs = hello(), others = nobody) => {
    const verdict = decide(room, peer, theirs, others);
    return verdict.admit === 'yes' ? 'yes' : `${verdict.admit} ${verdict.code}`;
  };
  t.equal(code(room()), 'yes');
  t.equal(code(room(), hello({ version: 2 })), 'no OTHER_VERSION');
  t.equal(code(room(), hello({ network: peer })), 'no OTHER_NETWORK');
  t.equal(code(room({ banned: new Set([toHex(peer)]) })), 'no BANNED');
  t.equal(code(room(), hello(), { admitted: 2, guests: 0 }), 'no FULL');
  t.equal(code(room({ members: new Set() })), 'guest NOT_A_MEMBER');
  t.equal(code(room({ members: new Set([toHex(peer)]) })), 'yes');
  t.equal(
    code(room({ members: new Set() }), hello(), { admitted: 0, guests: MAX_GUESTS }),
    'no FULL',
  );
  const both = { members: new Set([toHex(peer)]), banned: new Set([toHex(peer)]) };
  t.equal(code(room(both)), 'no BANNED', 'a banned member stays out');
  t.end();
});

t.test('a refusal carries no control characters of the peer', (t) => {
  const error = refusal('FULL', 'a\x1b[31m\nb\u202e', peer, false);
  // deno-lint-ignore no-control-regex
  t.notMatch(error.message, /[\x00-\x1f\u202e]/);
  t.match(error, { code: 'FULL', stage: 'admission', peer: toHex(peer) });
  t.end();
});

t.test('arbitrary bytes never crash the decoders of the peer protocol', (t) => {
  for (const decode of [decodeControl, decodeHello]) {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        decode(bytes);
        return false;
      } catch (error) {
        return (error as { name: string }).name === 'NexusError';
      }
    }));
  }
  t.end();
});

t.test('the quota takes from the least recently used, and no more than needed', async (t) => {
  const taken: string[] = [];
  const holding = (name: string, bytes: number, at: number) => ({
    bytes,
    at,
    drop: (n: number) => {
      taken.push(`${name} ${n}`);
      return Promise.resolve();
    },
  });
  const all = [holding('new', 50, 3), holding('old', 30, 1), holding('middle', 30, 2)];
  t.equal(await enforceQuota(all, 110), 0);
  t.same(taken, []);
  t.equal(await enforceQuota(all, 100), 20);
  t.same(taken, ['old 20']);
  await enforceQuota(all, 50);
  t.same(taken.slice(1), ['old 65', 'middle 35', 'new 5']);
});
