/** The thread that builds Poseidon trees, so that no cut waits for a hash. */
import { loadPoseidon } from './load.ts';
import { type TreeAnswer, Trees, type TreeTask } from './trees.ts';

interface Port {
  onmessage: ((event: { data: TreeTask }) => void) | null;
  postMessage(message: TreeAnswer): void;
}

const port = globalThis as unknown as Port;
const early: TreeTask[] = [];
port.onmessage = ({ data }) => void early.push(data);
const trees = new Trees(await loadPoseidon());
const work = (task: TreeTask): void => port.postMessage(trees.take(task));
port.onmessage = ({ data }) => work(data);
early.forEach(work);
