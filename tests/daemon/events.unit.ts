import t from 'tap';
import fc from 'fast-check';
import { profileFromJson, profileId } from '../../feeds/records/mod.ts';
import { readFileSync } from 'node:fs';
import { EventBus } from '../../node/daemon/events.ts';
import {
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
} from '../../node/daemon/announcement.ts';

const table = JSON.parse(readFileSync(new URL('../../models/table.json', import.meta.url), 'utf8'));
const profile = profileFromJson(table.models[0].profile);
const announcement: Announcement = {
  name: 'desk',
  hardware: '2 cores',
  maxTokens: 512,
  load: { active: 1, queued: 2, slots: 4 },
  profiles: [{
    id: profileId(profile),
    profile,
    name: 'austen-3.7m',
    price: 3,
    class: new Uint8Array(32).fill(2),
    warm: true,
    blobs: null,
  }],
  ttlMs: 15000,
  draining: false,
};

t.test('an announcement comes back as it was sent, its texts printable', (t) => {
  t.same(decodeAnnouncement(encodeAnnouncement(announcement)), announcement);
  const hostile = { ...announcement, name: '\u001b[2Jdesk\u202e\u0007' + 'x'.repeat(500) };
  t.match(decodeAnnouncement(encodeAnnouncement(hostile)).name, /^\[2Jdeskx{57}$/);
  t.end();
});

t.test('bytes that are no announcement are refused with one code', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((s) => new TextEncoder().encode(s)),
      ),
      (bytes) => {
        t.throws(() => decodeAnnouncement(bytes), { code: 'ANNOUNCEMENT_INVALID' });
      },
    ),
    { numRuns: 50 },
  );
  const patch = (change: object) =>
    new TextEncoder().encode(JSON.stringify({
      ...JSON.parse(new TextDecoder().decode(encodeAnnouncement(announcement))),
      ...change,
    }));
  for (
    const change of [{ version: 2 }, { ttlMs: -1 }, { load: null }, { profiles: [{}] }, {
      maxTokens: 1.5,
    }]
  ) {
    t.throws(() => decodeAnnouncement(patch(change)), { code: 'ANNOUNCEMENT_INVALID' });
  }
  t.end();
});

t.test('a subscriber who falls behind loses the oldest events and is told so', async (t) => {
  const bus = new EventBus(() => 1);
  const abort = new AbortController();
  const reader = bus.subscribe(abort.signal);
  const first = reader.next();
  bus.emit('start');
  t.same((await first).value, { event: 'start', at: 1 });
  for (let i = 0; i < 5000; i++) bus.emit('tick', { i });
  t.match((await reader.next()).value, { event: 'lagged', lost: 904 });
  t.match((await reader.next()).value, { event: 'tick', i: 904 });
  abort.abort();
  t.equal((await reader.next()).done, true);
});
