/** The thread that builds and checks top-k trees, so that no token stream waits for a hash. */
import {
  buildTopk,
  type CheckResult,
  type CheckTask,
  type TopkResult,
  type TopkTask,
} from './builder.ts';
import { verifyOpening } from './openings.ts';
import { loadPoseidon } from '../poseidon/mod.ts';

type Task = TopkTask | CheckTask;

interface Port {
  onmessage: ((event: { data: Task }) => void) | null;
  postMessage(message: TopkResult | CheckResult): void;
}

const port = globalThis as unknown as Port;
const early: Task[] = [];
port.onmessage = ({ data }) => void early.push(data);
const poseidon = await loadPoseidon();
const check = async ({ id, of, claim, openings }: CheckTask): Promise<void> => {
  const hold = await Promise.all(openings.map((one) => verifyOpening(one, claim, of)));
  port.postMessage({ id, hold });
};
const work = (task: Task): void => {
  if ('openings' in task) void check(task);
  else port.postMessage({ id: task.id, tree: buildTopk(poseidon, task) });
};
port.onmessage = ({ data }) => work(data);
early.forEach(work);
