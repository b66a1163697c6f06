import t from 'tap';
import fc from 'fast-check';
import { importSigner } from '../../feeds/records/mod.ts';
import {
  decodeMembers,
  encodeMembers,
  isMember,
  mergeMembers,
  signMembers,
  verifyMembers,
  withMember,
  withoutMember,
} from '../../node/network/mod.ts';

const key = (n: number) => new Uint8Array(32).fill(n);
const network = key(200);
const owner = await importSigner(key(1));
const first = () =>
  signMembers(
    { network, version: 1, members: [{ key: owner.publicKey, name: 'desk' }] },
    owner.sign,
  );

t.test('members come and go by signed versions', async (t) => {
  const one = await first();
  const two = await withMember(one, { key: key(7), name: 'lap\u001b[31mtop' }, owner.sign);
  t.equal(two.version, 2);
  t.ok(isMember(two, key(7)));
  t.match(two.members.find((m) => m.key[0] === 7), { name: 'lap[31mtop' }, 'no escape sequences');
  t.ok(await verifyMembers(two, owner.publicKey, network));
  t.equal(await withMember(two, { key: key(7), name: 'lap[31mtop' }, owner.sign), two);
  const three = await withoutMember(two, key(7), owner.sign);
  t.notOk(isMember(three, key(7)));
  t.equal(three.version, 3);
  t.equal(await withoutMember(three, key(7), owner.sign), three);
});

t.test('only what the owner signed for this network holds', async (t) => {
  const list = await first();
  const other = await importSigner(key(2));
  t.notOk(await verifyMembers(list, other.publicKey, network));
  t.notOk(await verifyMembers(list, owner.publicKey, key(3)));
  const more = { ...list, members: [...list.members, { key: key(250), name: 'mallory' }] };
  t.notOk(await verifyMembers(more, owner.publicKey, network));
  t.notOk(await verifyMembers({ ...list, version: 9 }, owner.publicKey, network));
});

t.test('merging is the same in any order, and two lists of one version are misconduct', async (t) => {
  const one = await first();
  const a = await withMember(one, { key: key(7), name: 'a' }, owner.sign);
  const b = await withMember(one, { key: key(8), name: 'b' }, owner.sign);
  t.same(mergeMembers(one, a), { list: a, equivocation: false });
  t.same(mergeMembers(a, one), { list: a, equivocation: false });
  t.same(mergeMembers(a, { ...a }), { list: a, equivocation: false });
  t.equal(mergeMembers(a, b).equivocation, true);
  t.equal(mergeMembers(a, b).list, mergeMembers(b, a).list);
});

t.test('a list survives the way; no bytes make its decoder fail in another way', async (t) => {
  const list = await withMember(await first(), { key: key(9), name: 'Zoë’s 💻' }, owner.sign);
  t.same(decodeMembers(encodeMembers(list)), list);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.jsonValue(), fc.nat(), (raw, value, at) => {
      const json = JSON.parse(new TextDecoder().decode(encodeMembers(list)));
      const names = Object.keys(json);
      const changed = { ...json, [names[at % names.length]!]: value };
      for (const bytes of [raw, new TextEncoder().encode(JSON.stringify(changed))]) {
        try {
          decodeMembers(bytes);
        } catch (thrown) {
          if ((thrown as { code?: string }).code !== 'MEMBERS_INVALID') return false;
        }
      }
      return true;
    }),
    { numRuns: 200 },
  );
});
