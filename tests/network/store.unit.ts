import t from 'tap';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importSigner } from '../../feeds/records/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import {
  addMember,
  createInvite,
  encodeMembers,
  isPrivateNetwork,
  joinOptionsOf,
  leaveNetwork,
  listNetworks,
  loadNetwork,
  MAIN,
  networkToJson,
  newPrivateNetwork,
  receiveMembers,
  removeMember,
  signMembers,
  topicOf,
} from '../../node/network/mod.ts';

const key = (n: number) => new Uint8Array(32).fill(n);
const owner = await importSigner(key(1));
const options = {
  name: 'home',
  owner: owner.publicKey,
  sign: owner.sign,
  machine: 'desk',
};

t.test('private networks are made, listed, loaded and forgotten', async (t) => {
  const paths = pathsOf(t.testdir());
  t.same(await listNetworks(paths), ['main']);
  const made = await newPrivateNetwork(paths, options);
  t.same(await listNetworks(paths), ['main', 'home']);
  const loaded = await loadNetwork(paths, 'home');
  t.same(loaded, made);
  t.equal(loaded.secret?.length, 32);
  t.equal(statSync(join(made.folder!, 'secret')).mode & 0o777, 0o600);
  t.equal(await isPrivateNetwork(paths, 'home'), true);
  t.equal(await isPrivateNetwork(paths, 'main'), false);
  t.equal(await isPrivateNetwork(paths, 'nowhere'), false);
  await t.rejects(newPrivateNetwork(paths, { ...options, owner: key(9) }), {
    code: 'NETWORK_EXISTS',
  });
  await t.rejects(newPrivateNetwork(paths, { ...options, name: 'main' }), {
    code: 'NETWORK_EXISTS',
  });
  await t.rejects(newPrivateNetwork(paths, { ...options, name: '../x' }), {
    code: 'NETWORK_NAME_INVALID',
  });
  await leaveNetwork(paths, 'home');
  t.same(await listNetworks(paths), ['main']);
  await t.rejects(loadNetwork(paths, 'home'), { code: 'NETWORK_UNKNOWN' });
  await t.rejects(leaveNetwork(paths, '..'), { code: 'NETWORK_UNKNOWN' });
});

t.test('an open network can be named by its file, a private one cannot', async (t) => {
  const paths = pathsOf(t.testdir());
  const path = join(paths.home, 'other.json');
  const file = { ...MAIN, name: 'other' };
  writeFileSync(path, JSON.stringify(networkToJson({ file, bootstrap: ['a:1'] })));
  t.match(await loadNetwork(paths, path), { name: 'other', bootstrap: ['a:1'], secret: null });
  const made = await newPrivateNetwork(paths, options);
  await t.rejects(loadNetwork(paths, join(made.folder!, 'network.json')), {
    code: 'NETWORK_PRIVATE',
  });
});

t.test('a secret that others can read, or that is gone, is refused', async (t) => {
  const paths = pathsOf(t.testdir());
  const secret = join((await newPrivateNetwork(paths, options)).folder!, 'secret');
  chmodSync(secret, 0o644);
  await t.rejects(loadNetwork(paths, 'home'), { code: 'IDENTITY_EXPOSED', hint: /^chmod 600/ });
  chmodSync(secret, 0o600);
  writeFileSync(secret, '');
  await t.rejects(loadNetwork(paths, 'home'), { code: 'NETWORK_SECRET_MISSING' });
});

t.test('many changes of the members at once are all kept, in versions that follow', async (t) => {
  const { folder, id } = await newPrivateNetwork(pathsOf(t.testdir()), options);
  const network = { owner: owner.publicKey, id };
  const add = (n: number) =>
    addMember(folder!, network, { key: key(n), name: `m${n}` }, owner.sign);
  await Promise.all([10, 11, 12, 13, 14].map(add));
  const list = await removeMember(folder!, network, key(12), owner.sign);
  t.equal(list.version, 7);
  t.same(list.members.map(({ name }) => name).sort(), ['desk', 'm10', 'm11', 'm13', 'm14']);
  t.same(readdirSync(join(folder!, 'members')).sort(), ['6.json', '7.json'], 'old ones go');
});

t.test('a list of a peer is kept if it is newer, and never believed unsigned', async (t) => {
  const network = await newPrivateNetwork(pathsOf(t.testdir()), options);
  const sign = (version: number, names: string[], by = owner) => {
    const members = names.map((name, i) => ({ key: key(50 + i), name }));
    return signMembers({ network: network.id, version, members }, by.sign);
  };
  const newer = encodeMembers(await sign(5, ['a']));
  t.match(await receiveMembers(network, newer), { changed: true, equivocation: false });
  t.match(await receiveMembers(network, newer), { changed: false, equivocation: false });
  const older = await receiveMembers(network, encodeMembers(await sign(3, ['a', 'b'])));
  t.match(older, { list: { version: 5 }, changed: false });
  const twin = await receiveMembers(network, encodeMembers(await sign(5, ['b'])));
  t.match(twin, { changed: false, equivocation: true });
  const forged = encodeMembers(await sign(9, ['z'], await importSigner(key(2))));
  await t.rejects(receiveMembers(network, forged), { code: 'MEMBERS_INVALID' });
  await t.rejects(receiveMembers(network, new Uint8Array(9)), { code: 'MEMBERS_INVALID' });
});

t.test('a node joins on the topics of its network and profiles', async (t) => {
  const paths = pathsOf(t.testdir());
  const given = { profiles: [key(7)], announce: true, maxPeers: 8 };
  const main = await loadNetwork(paths, 'main');
  t.match(joinOptionsOf(main, given), { members: null, membership: null });
  const home = await newPrivateNetwork(paths, options);
  const { topics, members, membership } = joinOptionsOf(home, given);
  t.same(topics, [topicOf(home.id, home.secret, null), topicOf(home.id, home.secret, key(7))]);
  t.same(members, [owner.publicKey]);
  t.same(membership, encodeMembers(home.members!));
});

t.test('only the owner of a private network invites', async (t) => {
  const paths = pathsOf(t.testdir());
  const main = await loadNetwork(paths, 'main');
  const life = { now: 0, lifeMs: 1000, bootstrap: null };
  await t.rejects(createInvite(main, owner.publicKey, life), { code: 'NETWORK_OPEN' });
  const home = await newPrivateNetwork(paths, options);
  await t.rejects(createInvite(home, key(2), life), { code: 'NETWORK_NOT_OWNED', hint: /desk/ });
});
