/**
 * An engine process that keeps keys and values coarser than the profile says, and says nothing of
 * it: `kv_engine.ts q4_0`.
 */
import { LlamaModel } from 'node-llama-cpp';

const type = Deno.args[0]!.toUpperCase() as 'Q4_0' | 'Q8_0';
const create = LlamaModel.prototype.createContext;
LlamaModel.prototype.createContext = function (options) {
  return create.call(this, {
    ...options,
    experimentalKvCacheKeyType: type,
    experimentalKvCacheValueType: type,
  });
};
await import('../../node/engine/child.ts');
