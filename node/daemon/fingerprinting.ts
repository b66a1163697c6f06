import { Broadcast, equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import { FEATURE_NAMES, NOT_MEASURED } from '../../fingerprint/micro/mod.ts';
import type { Handlers } from '../control/mod.ts';
import { type ChallengeStep, jobIsHere } from '../prober/mod.ts';
import { sampleOf } from '../../fingerprint/stats/mod.ts';
import type { NexusNode } from './node.ts';
import { Params } from './params.ts';
import { sameMachine } from './same_machine.ts';
import { idOf } from './serving.ts';

/** What can be asked of a node about machines. */
export function fingerprintMethods(node: NexusNode): Handlers {
  return {
    fingerprints: () => Promise.resolve(node.probing.rows),
    fingerprint(params, signal) {
      const given = new Params(params);
      if (given.raw('other') != null) {
        return together(node, given.key('peer'), given.key('other'), signal);
      }
      const model = given.raw('model') == null ? null : given.text('model');
      return given.raw('peer') == null
        ? ownFingerprint(node, model, given.flag('full'), signal)
        : peerFingerprint(node, given.key('peer'), model, signal);
    },
  };
}

/** Measures this machine: its engine with a model, then the machine itself. */
async function* ownFingerprint(
  node: NexusNode,
  name: string | null,
  isFull: boolean,
  signal: AbortSignal,
) {
  const { keeper, engine, probing, options } = node;
  const model = await keeper.choose(name ?? node.options.settings.model.value, 'local', signal);
  const served = name === null && model.state !== 'ready'
    ? await keeper.defaultWeights(signal, () => {})
    : await keeper.weights(model, signal, () => {});
  const { loaded } = served;
  const { backend, device } = await engine.info();
  yield {
    event: 'machine',
    key: node.key,
    model: served.model.entry.name,
    profile: toHex(loaded.profileId),
    class: toHex(loaded.class),
    backend,
    device,
    // llama.cpp takes as many layers as the device has room for.
    offload: backend !== 'cpu',
    threads: loaded.threads,
    slots: loaded.slots,
  };
  const runs = probing.own(loaded, isFull, signal);
  let step = await runs.next();
  while (!step.done) {
    yield { event: 'run', ...step.value };
    step = await runs.next();
  }
  const figures = step.value;
  if (figures === null) throw jobIsHere();
  const { prefill, decode, curve, streams, streamRate, context, ms } = figures;
  yield { event: 'figures', prefill, decode, curve, streams, streamRate, context, ms };
  const machine = await probing.ownMachine(isFull, signal);
  yield {
    event: 'machine-probe',
    backend: machine.backend,
    adapter: machine.info.adapter,
    processor: machine.info.processor,
    threads: machine.info.threads,
    raw: sampleOf(machine.rates),
    memory: machine.memory,
    features: named(machine.features),
    same: await sameMachine(options.home.paths.machine, machine, Date.now()),
  };
}

/** Measures a peer from here, by the clock here. */
async function* peerFingerprint(
  node: NexusNode,
  executor: Uint8Array,
  name: string | null,
  signal: AbortSignal,
) {
  if (equalBytes(executor, node.signer.publicKey)) {
    throw new NexusError('OWN_KEY', 'that is this very node', {
      hint: 'measure it with: nexus fingerprint',
    });
  }
  const { keeper, directory, probing, serving } = node;
  const offered = directory.offerings()
    .filter(({ peer }) => equalBytes(peer.info.key, executor)).map(({ offering }) => offering);
  const wanted = name === null ? null : idOf(await keeper.choose(name, 'any', signal));
  const offering = offered.find(({ id }) =>
    wanted === null ? serving.get(id) !== undefined : equalBytes(id, wanted)
  );
  if (offering === undefined) {
    throw new NexusError('PEER_UNKNOWN', 'no such peer serves a model that is loaded here', {
      hint: 'see nexus peers; its answers are checked with a model of this node',
    });
  }
  const { id: profile } = offering;
  const steps = new Broadcast<ChallengeStep>();
  const made = probing.ask({ executor, profile, drawn: null }, (step) => steps.emit(step), signal)
    .finally(() => steps.close());
  made.catch(() => {}); // told below
  for await (const step of steps) yield { event: 'step', ...step };
  const { record, failure, wrong, tookMs, work } = await made;
  yield {
    event: 'measured',
    executor: toHex(executor),
    profile: toHex(profile),
    model: serving.nameOf(toHex(profile)),
    class: toHex(record.class),
    runs: record.runs,
    prefill: record.prefill,
    decode: record.decode,
    streams: record.streams,
    context: record.context,
    contextFailed: record.contextFailed,
    raw: record.raw,
    features: named(record.features),
    isPrefillResolved: work.isPrefillResolved,
    failed: work.failed,
    wrong,
    tookMs: Math.round(tookMs),
    transcript: toHex(record.transcript),
    failure: failure?.toJSON() ?? null,
  };
}

/** Challenges two peers alone and at once. */
async function* together(node: NexusNode, a: Uint8Array, b: Uint8Array, signal: AbortSignal) {
  if (equalBytes(a, b)) {
    throw new NexusError('SAME_PEER', 'that is one peer', { hint: 'name two of them' });
  }
  const steps = new Broadcast<{ done: number; of: number }>();
  const made = node.probing.together(a, b, (done, of) => steps.emit({ done, of }), signal)
    .finally(() => steps.close());
  made.catch(() => {}); // told below
  for await (const step of steps) yield { event: 'step', stage: 'together', ...step };
  yield { event: 'together', a: toHex(a), b: toHex(b), ...await made };
}

/** Features by name, in ns; those that the machine does not have left out. */
function named(features: readonly number[]): { name: string; ns: number }[] {
  return features.flatMap((value, i) =>
    value === NOT_MEASURED || FEATURE_NAMES[i] === undefined
      ? []
      : [{ name: FEATURE_NAMES[i], ns: 2 ** (value / 1024) }]
  );
}
