// Follows the nodes whose sockets are named; prints each event with the number of its node.
import { watchNode } from '../../node/session/mod.ts';

const utf8 = new TextEncoder();
await Promise.all(Deno.args.map(async (socket, node) => {
  for await (const event of watchNode(socket, new AbortController().signal)) {
    const line = utf8.encode(`${JSON.stringify({ ...event, node })}\n`);
    for (let at = 0; at < line.length;) at += await Deno.stdout.write(line.subarray(at));
  }
}));
