import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { attemptCost } from '../../feeds/ledger/mod.ts';
import { DEFAULT_MAX_TOKENS, type RunRequest } from '../control/mod.ts';
import type { NexusNode } from '../daemon/mod.ts';
import type { GatewayModel, GatewayNode, Quote } from './types.ts';

/** Tokens that a template adds to a message, at most. */
const TEMPLATE_TOKENS = 64;

/** A running node as the gateway uses it. */
export function gatewayNode(node: NexusNode): GatewayNode {
  const { receipts } = node.options.home.paths;
  return {
    key: node.key,
    run: (request, signal) => node.run(request, signal, 'gateway'),
    models: () => modelsOf(node),
    async receipt(job) {
      try {
        return await readFile(join(receipts, `${job}.receipt`));
      } catch (thrown) {
        if ((thrown as { code?: string }).code === 'ENOENT') return null;
        throw thrown;
      }
    },
    quote: (request, model) => quoteOf(node, request, model),
    readiness: () => readinessOf(node),
    figures() {
      const loads = node.serving.all.map(({ loaded }) => node.jobs.load(loaded.profileId));
      const sum = (of: 'active' | 'queued' | 'slots') =>
        loads.reduce((n, l) => n + (l?.[of] ?? 0), 0);
      const peers = node.directory.peers.length;
      return { peers, active: sum('active'), queued: sum('queued'), slots: sum('slots') };
    },
    on: (listener) => node.bus.on(listener),
  };
}

/** By the price that the node itself would offer; a token of a text has a byte at least. */
function quoteOf(
  { ledger, directory, options: { settings } }: NexusNode,
  request: Omit<RunRequest, 'model'>,
  { profile, contextSize }: GatewayModel,
): Quote | null {
  const id = fromHex(profile, 32);
  const costs = ledger?.costsOf(id) ?? null;
  if (costs === null || (request.where ?? settings.where.value) === 'local') return null;
  const asked = directory.serving(id).map(({ offering }) => offering.price);
  const price = request.priceCap ?? ledger!.priceCap(id, asked);
  const texts = [request.prompt ?? '', ...request.messages.map(({ content }) => content)];
  const bytes = texts.reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0);
  const most = Math.min(contextSize, bytes + TEMPLATE_TOKENS * texts.length);
  const wanted = request.maxTokens ?? settings.maxTokens.value ?? DEFAULT_MAX_TOKENS;
  return {
    prompt: attemptCost(price, costs, most, 1) - price,
    token: price,
    maxTokens: Math.min(wanted, contextSize),
  };
}

function readinessOf(node: NexusNode): { ready: boolean; detail: string } {
  const { serving, directory, options } = node;
  const { where } = options.settings;
  if (node.draining) return { ready: false, detail: 'the node is draining' };
  if (where.value !== 'mesh' && serving.all.length > 0) {
    return { ready: true, detail: 'model loaded' };
  }
  if (where.value !== 'local' && directory.offerings().length > 0) {
    return { ready: true, detail: 'peers serve models' };
  }
  const detail = where.value === 'mesh' ? 'no peer serves a model' : 'no model is loaded';
  return { ready: false, detail };
}

/** What is in memory here and what peers offer, as far as prompts may go there. */
async function modelsOf(node: NexusNode): Promise<GatewayModel[]> {
  const { serving, directory, store, options } = node;
  const { where } = options.settings;
  const models = new Map<string, GatewayModel>();
  if (where.value !== 'mesh') {
    const loaded = serving.all.map(({ model }) => model);
    // A node that serves nothing loads on demand what it has.
    const own = loaded.length > 0
      ? loaded
      : (await store.list()).filter(({ state }) => state === 'ready');
    for (const { id, entry } of own) {
      const { contextSize } = entry.profile;
      models.set(id, { name: entry.name, profile: id, contextSize, local: true, peers: 0 });
    }
  }
  if (where.value === 'local') return [...models.values()];
  for (const { offering } of directory.offerings()) {
    const id = toHex(offering.id);
    const { contextSize } = offering.profile;
    const known = models.get(id);
    const model = known ??
      { name: offering.name, profile: id, contextSize, local: false, peers: 0 };
    models.set(id, { ...model, peers: model.peers + 1 });
  }
  return [...models.values()];
}
