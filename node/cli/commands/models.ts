import { NexusError } from '../../../feeds/base/mod.ts';
import { profileToJson } from '../../../feeds/records/mod.ts';
import { streamCall } from '../../control/mod.ts';
import { openHome } from '../../home/mod.ts';
import {
  addModel,
  type CommandHooks,
  defaultSources,
  type FetchFromPeers,
  listModels,
  modelRows,
  ModelStore,
  modelToJson,
  pullModel,
  removeModel,
  renderModel,
  renderNote,
  showModel,
} from '../../models/mod.ts';
import { table } from '../columns.ts';
import type { Output } from '../output.ts';
import { ProgressView } from '../progress.ts';
import { defineCommand } from '../spec.ts';

const NAME = { name: 'model', required: true, help: 'its name, or the first digits of its id' };

/** `nexus models` */
export const command = defineCommand({
  name: 'models',
  summary: 'list, fetch, add and remove models',
  description:
    'A model is a GGUF file with a profile: all that must be equal to reproduce its output. The ' +
    'hash of the profile is its id.',
  flags: {
    name: { type: 'string', value: 'name', help: 'name of an added model' },
    context: { type: 'integer', value: 'tokens', help: 'context of an added model' },
  },
  actions: [
    { name: 'list', summary: 'all models that this machine knows' },
    { name: 'pull', summary: 'fetch a model', positionals: [NAME] },
    {
      name: 'add',
      summary: 'make a profile of a GGUF file',
      positionals: [{
        name: 'file|hf:…',
        required: true,
        help: 'a file, or hf:user/repository:quant',
      }],
    },
    { name: 'rm', summary: 'delete the files of a model', positionals: [NAME] },
    { name: 'show', summary: 'a profile with all its fields', positionals: [NAME] },
  ],
  examples: [
    { command: 'nexus models', does: 'what is here' },
    { command: 'nexus models pull smollm2-135m', does: 'fetch the default model' },
    { command: 'nexus models add ./my.gguf --name mine', does: 'then: nexus run -m mine' },
  ],
  async run({ flags, action, positionals, out, signal }) {
    const { paths } = await openHome(flags.home);
    const store = new ModelStore(paths.home);
    const name = positionals[0] ?? '';
    switch (action) {
      case 'pull': {
        const progress = new ProgressView(out, `fetching ${name}`);
        const sources = defaultSources(throughNode(paths.socket), Deno.execPath());
        const hooks = hooksOf(out, name, progress, signal);
        const model = await pullModel(store, name, { ...hooks, sources });
        await progress.close();
        await out.event({ event: 'model', ...modelToJson(model) });
        return await out.note(
          `${model.entry.name} is ready: nexus run -m ${model.entry.name} "Hi"`,
        );
      }
      case 'add': {
        const progress = new ProgressView(out, `adding ${name}`);
        const { name: called, context: contextSize } = flags;
        const hooks = hooksOf(out, name, progress, signal);
        const model = await addModel(store, name, { ...hooks, name: called, contextSize });
        await progress.close();
        await out.event({ event: 'model', ...modelToJson(model) });
        return await out.note(`added: nexus run -m ${model.entry.name} "Hi"`);
      }
      case 'rm': {
        const { model, freed } = await removeModel(store, name);
        await out.event({ event: 'removed', model: model.entry.name, freed });
        return await out.note(
          `${model.entry.name} is gone, ${(freed / 1e6).toFixed(0)} MB are free`,
        );
      }
      case 'show': {
        const model = await showModel(store, name);
        await out.event({ event: 'model', ...modelToJson(model) });
        return await out.result(renderModel(model).trimEnd());
      }
      default: {
        const models = await listModels(store);
        for (const model of models) await out.event({ event: 'model', ...modelToJson(model) });
        await out.result(table(modelRows(models), out.columns, ['QUANT', 'ID']));
        for (const { file, error } of await store.problems()) {
          await out.warn(`${file}: ${error.message}`);
        }
      }
    }
  },
});

/** Peers are asked by the node that runs here, if one does. */
function throughNode(socket: string): FetchFromPeers {
  return async (profile, to, { signal, onProgress }) => {
    const params = { profile: profileToJson(profile), to };
    try {
      for await (const at of streamCall(socket, 'fetch', params, signal)) {
        onProgress(at as { done: number; total: number });
      }
    } catch (thrown) {
      const alone = thrown instanceof NexusError && thrown.code === 'NODE_NOT_RUNNING';
      if (!alone) throw thrown;
      throw new NexusError('MODEL_NO_PEERS', 'no node runs here that could ask peers', {
        hint: 'start one: nexus up',
        cause: thrown,
      });
    }
  };
}

function hooksOf(
  out: Output,
  name: string,
  progress: ProgressView,
  signal: AbortSignal,
): CommandHooks {
  return {
    signal,
    onProgress: (at) => void progress.show(at),
    onNote: (note) => {
      const text = renderNote(name, note);
      if (text !== null) void progress.close().then(() => out.note(text));
    },
  };
}
