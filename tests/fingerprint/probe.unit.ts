import fc from 'fast-check';
import t from 'tap';
import {
  frameOf,
  MAX_FRAME,
  Probe,
  type ProbeProcess,
  splitFrames,
} from '../../fingerprint/probe/mod.ts';

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of splitFrames(stream)) messages.push(message);
  return messages;
}

/** A process that answers every frame with what `answer` makes of it; null ends it. */
function fake(answer: (message: { id: number; op: string }) => Uint8Array | null) {
  let end = () => {}, killed = false;
  const status = new Promise<void>((resolve) => end = resolve);
  const incoming = new TransformStream<Uint8Array, Uint8Array>();
  const outgoing = new TransformStream<Uint8Array, Uint8Array>();
  const writer = outgoing.writable.getWriter();
  void (async () => {
    for await (const message of splitFrames(incoming.readable)) {
      const said = answer(message as { id: number; op: string });
      if (said === null) return await writer.close();
      await writer.write(said);
    }
  })().catch(() => {});
  const process: ProbeProcess = {
    pid: 1,
    stdin: incoming.writable,
    stdout: outgoing.readable,
    status,
    kill: () => {
      killed = true;
      writer.close().catch(() => {});
      end();
    },
  };
  return { process, wasKilled: () => killed };
}

const never = new AbortController().signal;

t.test('messages come out of a byte stream however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { maxLength: 5 }),
      fc.array(fc.nat(60), { maxLength: 20 }),
      async (messages, cuts) => {
        const bytes = new Uint8Array(messages.flatMap((message) => [...frameOf(message)]));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) chunks.push(bytes.slice(at, at += cut));
        chunks.push(bytes.slice(at));
        const read = await all(streamOf(chunks));
        return JSON.stringify(read) === JSON.stringify(messages);
      },
    ),
    { numRuns: 100 },
  );
});

t.test('a message that is too long or no message ends the stream', async (t) => {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, MAX_FRAME + 1);
  await t.rejects(all(streamOf([length])), { code: 'FRAME_TOO_LONG' });
  const garbage = Uint8Array.of(0, 0, 0, 2, 0x7b, 0x7b);
  await t.rejects(all(streamOf([garbage])), { code: 'FRAME_MALFORMED' });
  t.same(await all(streamOf([frameOf('whole'), frameOf('cut').slice(0, -1)])), ['whole']);
});

t.test('a probe that answers nonsense is ended and said to be lost', async (t) => {
  for (
    const answer of [
      () => frameOf({ id: 999, ok: 1 }),
      () => frameOf(null),
      () => frameOf('text'),
      () => Uint8Array.of(255, 255, 255, 255),
      () => null,
    ]
  ) {
    const { process, wasKilled } = fake(answer);
    await using probe = new Probe({ spawn: () => process });
    await t.rejects(probe.info(never), { code: 'PROBE_LOST' });
    t.ok(wasKilled());
    t.equal(probe.pid, null);
  }
});

t.test('an error of the probe is its answer, not its end', async (t) => {
  const error = { code: 'RAW_SHAPE', message: 'no' };
  const { process, wasKilled } = fake(({ id }) => frameOf({ id, error }));
  await using probe = new Probe({ spawn: () => process });
  await t.rejects(probe.open([1], never), { code: 'RAW_SHAPE' });
  t.notOk(wasKilled());
  t.equal(probe.pid, 1);
});

t.test('one call at a time; an aborted one ends the process', async (t) => {
  let asked = () => {};
  const wasAsked = new Promise<void>((resolve) => asked = resolve);
  const { process, wasKilled } = fake(() => {
    asked();
    return new Uint8Array(0);
  });
  await using probe = new Probe({ spawn: () => process });
  const abort = new AbortController();
  const first = probe.info(abort.signal);
  await wasAsked;
  await t.rejects(probe.info(never), { code: 'PROBE_BUSY' });
  abort.abort(new Error('a user’s job'));
  await t.rejects(first, { message: 'a user’s job' });
  t.ok(wasKilled());
  t.notOk(probe.busy);
});

t.test('a closed probe starts nothing', async (t) => {
  const probe = new Probe({ spawn: () => t.fail() as never });
  await probe.close();
  await t.rejects(probe.info(never), { code: 'PROBE_CLOSED' });
});
