import { acquireNode, pathsOf } from '../../node/home/mod.ts';

const { release, ...lease } = { release: () => {}, ...await acquireNode(pathsOf(Deno.args[0])) };
console.log(JSON.stringify(lease));
for await (const _ of Deno.stdin.readable) {
  release();
  console.log('released');
}
