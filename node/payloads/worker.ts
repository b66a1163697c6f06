/** The thread that builds top-k trees, so that no token stream waits for a hash. */
import { buildTopk, type TopkResult, type TopkTask } from './builder.ts';
import { loadPoseidon } from './poseidon.ts';

interface Port {
  onmessage: ((event: { data: TopkTask }) => void) | null;
  postMessage(message: TopkResult): void;
}

const port = globalThis as unknown as Port;
const early: TopkTask[] = [];
port.onmessage = ({ data }) => void early.push(data);
const poseidon = await loadPoseidon();
const work = (task: TopkTask): void =>
  port.postMessage({ id: task.id, tree: buildTopk(poseidon, task) });
port.onmessage = ({ data }) => work(data);
early.forEach(work);
