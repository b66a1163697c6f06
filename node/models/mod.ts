/**
 * Models: GGUF files and their profiles, the model folder, fetching.
 * @module
 */
export { type GgufInfo, parseGguf, readGguf } from './gguf.ts';
export { tokenizerHash, vocabularyOf } from './vocabulary.ts';
export { type MadeProfile, makeProfile } from './profile.ts';
export type { Model, ModelEntry, ModelFiles, ModelSources } from './model.ts';
export { ModelStore } from './store.ts';
export { type KnownModel, readTable } from './table.ts';
export { fitsMemory, type MemoryNeed, memoryNeed } from './memory.ts';
export type { OnProgress, Progress } from './files.ts';
export {
  formatBytes,
  formatSeconds,
  percent,
  progressBar,
  progressLine,
  type ProgressView,
  RateMeter,
} from './progress.ts';
export { pull, type PullNote, type PullOptions } from './pull.ts';
export { type FetchContext, type FetchFromPeers, type ModelSource, peersSource } from './source.ts';
export { hubSource } from './hub.ts';
export { wheelSource } from './wheel.ts';
export {
  addModel,
  type AddOptions,
  type CommandHooks,
  defaultSources,
  listModels,
  pullModel,
  removeModel,
  showModel,
} from './commands.ts';
export { modelRows, modelToJson, progressWriter, renderModel, renderNote } from './render.ts';
export { MAX_VOCABULARY_BYTES } from './vocabularies.ts';
