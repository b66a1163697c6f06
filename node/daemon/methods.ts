import { Broadcast, NexusError, toHex } from '../../feeds/base/mod.ts';
import { actionsOf } from './actions.ts';
import { keepCalibration } from './calibrating.ts';
import { auditEvents, auditLive } from './audit.ts';
import { type Handlers, parseRunRequest } from '../control/mod.ts';
import { resolve } from 'node:path';
import type { CoreState, Progress } from '../../feeds/client/mod.ts';
import { profileFromJson } from '../../feeds/records/mod.ts';
import { tellEvidence } from './evidence.ts';
import { fieldMethods } from './field_actions.ts';
import { fetchWeights } from './files.ts';
import { fingerprintMethods } from './fingerprinting.ts';
import { ledgerMethods } from './ledger_actions.ts';
import type { NexusNode } from './node.ts';
import { Params } from './params.ts';
import { proofMethods } from './proof_methods.ts';
import { peersOf, statusOf } from './rows.ts';

/** What programs on this machine can ask of a node. `stop` is given by whoever owns the process. */
export function methodsOf(node: NexusNode, stop: () => void): Handlers {
  return {
    run: (params, signal) => node.run(parseRunRequest(params), signal),
    status: () => Promise.resolve(statusOf(node)),
    peers: () => Promise.resolve(peersOf(node)),
    events: (_params, signal) => node.bus.subscribe(signal),
    watch: (_params, signal) => node.watch.watch(signal),
    trust: () => Promise.resolve(node.trust),
    energy: (params) =>
      node.energy.answer(new Params(params).whole('since', 0, Number.MAX_SAFE_INTEGER, 0)),
    ...actionsOf(node),
    ...ledgerMethods(node),
    ...proofMethods(node),
    ...fingerprintMethods(node),
    ...fieldMethods(node),
    async connect(params) {
      const feeds = await node.feeds();
      const peer = await feeds.connect(new Params(params).key());
      return { key: toHex(peer.key), rttMs: peer.rttMs, transport: peer.transport };
    },
    async *audit(params, signal) {
      const report = await auditLive(await node.feeds(), new Params(params).keys(), signal);
      for (const event of auditEvents(report)) yield event;
    },
    evidence(params, signal) {
      const given = new Params(params);
      return tellEvidence(
        node,
        { about: given.text('about', 64), open: given.flag('open') },
        signal,
      );
    },
    calibration: (params) => keepCalibration(node, new Params(params)),
    logs: async () => (await (await node.feeds()).states()).map(stateJson),
    blocks: (params, signal) => readBlocks(node, new Params(params), signal),
    fetch: (params, signal) => fetchModel(node, params, signal),
    'network.reload': () => node.reload(),
    stop: () => {
      stop();
      return Promise.resolve(null);
    },
  };
}

/** Blocks of a log as they are, at most so many in one call. */
const MAX_BLOCKS = 4096;

function stateJson({ key, treeHash, ...state }: CoreState) {
  return { ...state, key: toHex(key), treeHash: toHex(treeHash) };
}

async function* readBlocks(node: NexusNode, params: Params, signal: AbortSignal) {
  const core = params.key('core');
  const start = params.whole('start', 0, Number.MAX_SAFE_INTEGER);
  const end = params.whole('end', start, start + MAX_BLOCKS);
  const feeds = await node.feeds();
  for await (const { index, value } of feeds.read(core, { start, end, signal })) {
    yield { index, value: value === null ? null : toHex(value) };
  }
}

/** Fetches a model's file from peers into the model folder; its events are progress. */
async function* fetchModel(node: NexusNode, params: unknown, signal: AbortSignal) {
  const given = new Params(params);
  const to = given.text('to', 4096), profile = given.raw('profile');
  const folder = `${node.store.folder}/partial/`;
  if (!resolve(to).startsWith(folder)) {
    throw new NexusError('BAD_REQUEST', `to must be a path in ${folder}`);
  }
  if (node.mesh === null) throw noMesh();
  const progress = new Broadcast<Progress>();
  const fetched = fetchWeights(profileFromJson(profile), to, node.directory, await node.feeds(), {
    signal,
    onProgress: (at) => progress.emit(at),
  }).finally(() => progress.close());
  fetched.catch(() => {}); // told below
  yield* progress;
  await fetched;
}

function noMesh(): NexusError {
  return new NexusError('NO_MESH', 'this node is in no mesh', { hint: 'start it with `nexus up`' });
}
