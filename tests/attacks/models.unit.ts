import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { sha256 } from '../../feeds/base/mod.ts';
import type { FeedsEvent } from '../../feeds/client/types.ts';
import { type Profile, profileId } from '../../feeds/records/mod.ts';
import { encodeAnnouncement } from '../../node/daemon/announcement.ts';
import { Directory } from '../../node/daemon/directory.ts';
import { ModelKeeper } from '../../node/daemon/keeper.ts';
import { ModelStore } from '../../node/models/mod.ts';

const { signal } = new AbortController();
// Nothing is written. A folder of tap's for the root test would end the process between two files.
const store = new ModelStore(join(tmpdir(), 'nexus-no-home'));
const austen = await store.resolve('austen-3.7m');

/** A profile that this machine does not know. */
const strange = (n: number): Profile => ({
  ...austen.entry.profile,
  file: sha256(new Uint8Array([n])),
});

/** A keeper whose peers, strangers in an open network, serve what is given. */
function keeper(...served: [name: string, profile: Profile][]): ModelKeeper {
  const directory = new Directory(() => 0);
  for (const [i, [name, profile]] of served.entries()) {
    const key = new Uint8Array(32).fill(i);
    const announcement = encodeAnnouncement({
      name: '',
      hardware: '',
      maxTokens: 100,
      load: { active: 0, queued: 0, slots: 1 },
      profiles: [{
        id: profileId(profile),
        profile,
        name,
        price: 1,
        class: key,
        warm: true,
        blobs: { vocabulary: key, weights: key },
      }],
      ttlMs: 1000,
      draining: false,
    });
    directory.apply({ type: 'peer', peer: { key, announcement } } as unknown as FeedsEvent);
  }
  const serving = { all: [], get: () => undefined };
  const feeds = () => Promise.reject(new Error('nothing is to be fetched'));
  const options = { store, directory, serving, feeds, engine: null, isPrivate: false };
  return new ModelKeeper(options as never);
}

t.test('strangers do not choose the model of a prompt that names none', async (t) => {
  const bait = keeper(['smollm2-135m', strange(1)]);
  t.equal((await bait.choose(null, 'any', signal)).entry.name, 'smollm2-135m');
  t.ok((await bait.choose(null, 'any', signal)).known, 'by its id, not by its name');
  t.equal((await bait.choose('smollm2-135m', 'mesh', signal)).known, true);
  const both = keeper(['bait', strange(1)], ['anything', austen.entry.profile]);
  t.equal((await both.choose(null, 'mesh', signal)).id, austen.id, 'what is known may be taken');
});

t.test('a name that peers give to two models means neither', async (t) => {
  const two = keeper(['llama', strange(1)], ['llama', strange(2)]);
  await t.rejects(two.choose('llama', 'mesh', signal), { code: 'MODEL_AMBIGUOUS', hint: /id/ });
});
