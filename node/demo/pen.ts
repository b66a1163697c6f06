import { fileURLToPath } from 'node:url';
import { NexusError } from '../../feeds/base/mod.ts';

/** A process in the pen. */
export interface Penned {
  /** The first NDJSON event of that name that it prints. */
  event(name: string): Promise<Record<string, unknown>>;
  /** Kills its whole group with SIGKILL; resolves when it is dead. */
  kill(): Promise<void>;
}

/** Processes that end with this one, however it ends. */
export interface Pen extends AsyncDisposable {
  /** Starts `node …args` in a process group of its own. */
  start(name: string, args: readonly string[], env: Record<string, string>): Penned;
}

interface Member {
  waiting: Map<string, PromiseWithResolvers<Record<string, unknown>>>;
  ended: PromiseWithResolvers<string>;
}

/**
 * Opens a pen over a folder, which is removed with it.
 * @param node path of the Node binary
 * @param folder of the processes' files
 */
export function openPen(node: string, folder: string): Pen {
  const keeper = new Deno.Command(node, {
    args: [fileURLToPath(new URL('./pen.mjs', import.meta.url)), folder],
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'null',
  }).spawn();
  const writer = keeper.stdin.getWriter();
  const members = new Map<string, Member>();
  const order = (command: unknown) =>
    writer.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
  const reading = (async () => {
    for await (const line of lines(keeper.stdout)) hear(members, JSON.parse(line));
    for (const { ended } of members.values()) ended.resolve('its keeper ended');
  })();
  return {
    start(name, args, env) {
      const member: Member = { waiting: new Map(), ended: Promise.withResolvers() };
      members.set(name, member);
      order({ start: { name, args, env } }).catch(() => member.ended.resolve('no keeper'));
      return {
        async event(event) {
          const expected = Promise.withResolvers<Record<string, unknown>>();
          member.waiting.set(event, expected);
          const early = member.ended.promise.then((detail) => {
            throw new NexusError('DEMO_NODE_ENDED', `${name} ended: ${detail}`, {
              hint: 'see what is wrong: nexus doctor',
            });
          });
          return await Promise.race([expected.promise, early]);
        },
        async kill() {
          await order({ kill: name });
          await member.ended.promise;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await Promise.all([reading, keeper.status]);
    },
  };
}

function hear(members: Map<string, Member>, said: { name: string; line?: string; ended?: string }) {
  const member = members.get(said.name);
  if (member === undefined) return;
  if (said.ended !== undefined) member.ended.resolve(said.ended);
  if (!said.line?.startsWith('{')) return;
  const event = JSON.parse(said.line);
  member.waiting.get(event.event)?.resolve(event);
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    yield* parts;
  }
}
