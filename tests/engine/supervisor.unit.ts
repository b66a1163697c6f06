import t from 'tap';
import { Broadcast } from '../../feeds/base/mod.ts';
import { Supervisor, type SupervisorOptions } from '../../node/engine/supervisor.ts';
import type { EngineEvent } from '../../node/engine/types.ts';

type Spawn = SupervisorOptions['spawn'];

/** A process that answers each message, or dies of it where the answer is null. */
function processOf(answer: (message: { id: number; options: { careful: boolean } }) => unknown) {
  let resolve = (_: { code: number; signal: string | null }) => {};
  const status = new Promise<Parameters<typeof resolve>[0]>((done) => resolve = done);
  const out = new TransformStream<Uint8Array, Uint8Array>();
  const writer = out.writable.getWriter();
  const end = (signal: string | null) => {
    resolve({ code: 0, signal });
    writer.close().catch(() => {});
  };
  const stdin = new WritableStream<Uint8Array>({
    async write(bytes) {
      const message = JSON.parse(new TextDecoder().decode(bytes));
      const ok = answer(message);
      if (ok === null) return end('SIGILL');
      await writer.write(new TextEncoder().encode(`${JSON.stringify({ id: message.id, ok })}\n`));
    },
    close: () => end(null),
  });
  const stderr = new ReadableStream({ start: (controller) => controller.close() });
  const { readable: stdout } = out;
  return { pid: 1, stdin, stdout, stderr, status, kill: () => end('SIGKILL') };
}

function supervise(answer: Parameters<typeof processOf>[0]) {
  let started = 0;
  const init = {
    gpu: false as const,
    threads: null,
    calibrated: {},
    maxSlots: 1,
    scoreShare: 0.1,
    sessionBytes: 1,
    knownExact: [],
  };
  const supervisor = new Supervisor({
    spawn: (() => (started++, processOf(answer))) as unknown as Spawn,
    init,
    events: new Broadcast<EngineEvent>(),
    restore: () => Promise.resolve(),
  });
  return { supervisor, started: () => started };
}

t.test('a start that kills the process is tried again with care, unseen by who waits', async (t) => {
  const { supervisor, started } = supervise(({ options }) => options.careful ? {} : null);
  const { connection } = await supervisor.up();
  t.ok(connection);
  t.equal(started(), 2);
  await supervisor.close();
});

t.test('a start that fails with care too is an error that says so', async (t) => {
  const { supervisor, started } = supervise(() => null);
  await t.rejects(supervisor.up(), { code: 'ENGINE_START_FAILED', message: /SIGILL/ });
  t.equal(started(), 2);
  await supervisor.close();
});

t.test('closing while the first start fails ends the waiting', async (t) => {
  const { supervisor } = supervise(() => null);
  const up = supervisor.up();
  await supervisor.close();
  await t.rejects(up, { code: /^ENGINE_/ });
});
