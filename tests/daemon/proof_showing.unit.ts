import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import type { Channel, Feeds } from '../../feeds/client/mod.ts';
import type { SamplingProof } from '../../feeds/sampling/mod.ts';
import { ProofShowing } from '../../node/daemon/proof_showing.ts';
import { servePayloads } from '../../node/payloads/mod.ts';
import { decodeAnswer, encodeAsk, PAYLOAD_VERSION } from '../../node/payloads/wire.ts';
import { positionsOf } from '../../node/prover/mod.ts';
import { asked, fill } from '../prover/made_up.ts';

const made = asked(fill(8), { resumeAt: 3 });
const { job, requester, executor } = made.subject;
const drawn = positionsOf(made);
const allowed = (proof: SamplingProof, positions = drawn, peer = requester, me = executor) => {
  const showing = new ProofShowing(me);
  showing.take(proof);
  return showing.allows(peer, job, 0, positions);
};

t.test('its requester is shown the positions that the beacon drew, and no others', (t) => {
  t.ok(allowed(made));
  t.ok(allowed(made, drawn.slice(2)));
  const other = Array.from({ length: 30 }, (_, i) => i).filter((one) => !drawn.includes(one));
  for (const one of other) t.notOk(allowed(made, [...drawn, one]), `position ${one}`);
  t.notOk(allowed(made, drawn, executor), 'another peer');
  t.notOk(allowed(made, drawn, requester, requester), 'not this node’s answer');
  t.end();
});

t.test('only where a proof is asked for or made', (t) => {
  const open = { state: 'open', entry: null } as const;
  t.ok(allowed({ ...made, ...open }));
  t.ok(allowed({ ...made, asked: false }), 'made by hand');
  t.notOk(allowed({ ...made, ...open, asked: false }));
  t.end();
});

t.test('whoever serves asks for those positions; the transcript is another question', async (t) => {
  const seen: (readonly number[] | null)[] = [];
  const serve = new Promise<(channel: Channel) => void>((resolve) => {
    const feeds = { serve: (_: string, on: (channel: Channel) => void) => resolve(on) };
    const none = () => Promise.reject(new NexusError('NOT_ASKED', 'it was not allowed'));
    servePayloads(feeds as Pick<Feeds, 'serve'>, {
      store: { get: none, openings: none, shown: none },
      entitled: (_peer, _job, _attempt, shown) => {
        seen.push(shown);
        return false;
      },
    });
  });
  const ask = async (positions: number[] | null, shown: boolean) => {
    const question = encodeAsk({ job: fill(2), attempt: 0, positions, shown });
    const on = await serve;
    const said = await new Promise<Uint8Array>((resolve) =>
      on({
        peer: fill(1),
        handshake: Uint8Array.of(PAYLOAD_VERSION),
        send: (bytes: Uint8Array) => Promise.resolve(resolve(bytes)),
        close: () => Promise.resolve(),
        async *[Symbol.asyncIterator]() {
          yield await Promise.resolve(question);
        },
      } as unknown as Channel)
    );
    return decodeAnswer(said);
  };
  for (const args of [[[4, 9], true], [[4, 9], false], [null, false]] as const) {
    const [positions, shown] = args;
    t.match(await ask(positions && [...positions], shown), { ok: false, code: 'NOT_ENTITLED' });
  }
  t.same(seen, [[4, 9], null, null]);
});
