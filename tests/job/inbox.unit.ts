import t from 'tap';
import { channelPair, type Clock, encodeMessage } from '../../node/job/mod.ts';
import { Inbox } from '../../node/job/inbox.ts';

/** A clock that only a test moves. */
class HandClock implements Clock {
  #at = 0;
  #timers = new Set<{ at: number; run: () => void }>();

  now = () => this.#at;
  tick = () => this.#at;

  after = (ms: number, run: () => void) => {
    const timer = { at: this.#at + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Lets time pass: timers that are due run once, as late as the jump makes them. */
  async pass(ms: number): Promise<void> {
    this.#at += ms;
    for (const timer of [...this.#timers].filter((timer) => timer.at <= this.#at)) {
      if (this.#timers.delete(timer)) timer.run();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function line() {
  const clock = new HandClock();
  const keys = [new Uint8Array(32), new Uint8Array(32)] as const;
  const pair = channelPair({ protocol: 'p', id: keys[0], handshake: keys[0], keys });
  const beat = () => pair.ends[1].send(encodeMessage({ type: 'heartbeat' }));
  return { clock, inbox: new Inbox(pair.ends[0], clock), beat, peer: pair.ends[1] };
}

const patience = { silenceMs: 800, idleMs: 4000, late: 'TOKEN_LATE' };

t.test('silence counts while somebody waits', async (t) => {
  const { clock, inbox } = line();
  const failed = t.rejects(inbox.next(patience), { code: 'PEER_SILENT' });
  for (let i = 0; i < 8; i++) await clock.pass(100);
  await failed;
});

t.test('a machine that starves us does not make a peer look dead', async (t) => {
  const { clock, inbox, beat } = line();
  const next = inbox.next(patience);
  await clock.pass(60_000);
  await beat();
  t.match(await next, { type: 'heartbeat' });
  t.ok(inbox.longestSilence < 800);
});

t.test('a reader who pauses does not either', async (t) => {
  const { clock, inbox, beat } = line();
  await beat();
  await inbox.next(patience);
  await clock.pass(60_000);
  const next = inbox.next(patience);
  await clock.pass(100);
  await beat();
  t.match(await next, { type: 'heartbeat' });
});

t.test('beats without anything else run into the idle deadline', async (t) => {
  const { clock, inbox, beat } = line();
  const read = async () => {
    for (let beats = 0;; beats++) {
      try {
        await inbox.next(patience);
      } catch (thrown) {
        return { beats, thrown };
      }
    }
  };
  const result = read();
  for (let ms = 0; ms <= 4200; ms += 50) {
    await beat();
    await clock.pass(50);
  }
  const { beats, thrown } = await result;
  t.match(thrown, { code: 'TOKEN_LATE' });
  t.ok(beats > 60 && beats < 90, `${beats} beats`);
});

t.test('an end is null, a broken message its code, an abort its reason', async (t) => {
  const a = line();
  await a.peer.send(new Uint8Array([200]));
  await t.rejects(a.inbox.next(patience), { code: 'UNKNOWN_MESSAGE' });
  await a.peer.close();
  t.equal(await a.inbox.next(patience), null);
  const b = line();
  const signal = AbortSignal.abort(new Error('enough'));
  await t.rejects(b.inbox.next(patience, signal), { message: 'enough' });
});
