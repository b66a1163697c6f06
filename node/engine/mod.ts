/**
 * The engine: language models in a process of their own, and the Deno side of it.
 *
 * ```ts
 * await using engine = createEngine({ roots: [modelFolder] });
 * const { profileId } = await engine.load(profile, files, { weights: true });
 * const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content: 'Hello' }]);
 * for await (const { text } of engine.generate({ profileId, prompt, ...rest })) show(text);
 * ```
 * @module
 */
export type * from './types.ts';
export { createEngine, type EngineOptions, type ProcessEngine } from './client.ts';
export { spawnEngine } from './spawn.ts';
export { createFakeEngine, type FakeEngine, type FakeEngineOptions } from './fake.ts';
