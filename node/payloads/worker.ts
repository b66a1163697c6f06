/** The thread that builds top-k trees: a message at a time, so that tokens are never in its way. */
import { type FromBuilder, type ToBuilder, TopkBuilders } from './builder.ts';

interface Port {
  onmessage: ((event: { data: ToBuilder }) => void) | null;
  postMessage(message: FromBuilder): void;
}

const port = globalThis as unknown as Port;
const early: ToBuilder[] = [];
port.onmessage = ({ data }) => void early.push(data);
const builders = await TopkBuilders.load();
const take = (message: ToBuilder): void => {
  const answer = builders.take(message);
  if (answer !== null) port.postMessage(answer);
};
port.onmessage = ({ data }) => take(data);
early.forEach(take);
