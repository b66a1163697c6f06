// One home, used by several callers at once; prints what a test compares.
import { createNode, NexusError, replay, run, type RunEvent } from '../../mod.ts';

const codeOf = (thrown: unknown) => thrown instanceof NexusError ? thrown.code : String(thrown);
const model = 'austen-3.7m';
const seed = '7';

async function last(events: AsyncIterable<RunEvent>) {
  let text = '';
  for await (const event of events) {
    if (event.event === 'token') text += event.text;
    if (event.event === 'done') return { ...event, same: event.text === text };
  }
  throw new Error('no end');
}

const node = await createNode({ models: [model] });
const second = await createNode({ models: [model] }).catch(codeOf);
const direct = await last(node.run('Hello', { maxTokens: 12, seed }));
const attached = await last(run('Hello', { model, maxTokens: 12, seed }));
const messages = [
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: direct.text },
  { role: 'user', content: 'And then?' },
] as const;
const talk = await last(run(messages, { model, maxTokens: 12 }));
const wrong = await last(run('Hello', { model, temperature: -1 })).catch(codeOf);

let tokens = 0;
for await (const event of node.run('A long story', { maxTokens: 500, seed })) {
  if (event.event === 'token' && ++tokens === 3) break;
}
const abort = new AbortController();
const aborted = await (async () => {
  for await (const event of node.run('A long story', { signal: abort.signal })) {
    if (event.event === 'token') abort.abort(new Error('enough'));
  }
  return 'ended';
})().catch((thrown) => thrown.message);
const report = await replay();
await node.close();
const alone = await last(run('Hello', { model, maxTokens: 12, seed }));

console.log(JSON.stringify({
  key: node.key,
  announced: node.announced,
  models: node.models,
  second: typeof second === 'string' ? second : 'two nodes',
  executors: [direct.executor, attached.executor, alone.executor],
  texts: [direct.text, attached.text, alone.text],
  adds: direct.same && attached.same && talk.same,
  wrong,
  tokens,
  aborted,
  jobs: report.jobs.length,
  findings: report.findings,
}));
