/**
 * An engine process whose key-value caches have another type than its profiles say: what a cheat
 * saves memory with. Usage: kv_child.ts <Q8_0|Q4_0>; then as node/engine/child.ts.
 */
import { type LlamaContextOptions, LlamaModel } from 'node-llama-cpp';

const type = Deno.args[0] as 'Q8_0' | 'Q4_0';
const { createContext } = LlamaModel.prototype;
LlamaModel.prototype.createContext = function (options?: LlamaContextOptions) {
  return createContext.call(this, {
    ...options,
    experimentalKvCacheKeyType: type,
    experimentalKvCacheValueType: type,
  });
};
await import('../node/engine/child.ts');
