import { NexusError } from '../../../feeds/base/mod.ts';
import { call, type FingerprintRows, streamCall } from '../../control/mod.ts';
import { openHome } from '../../home/mod.ts';
import { attachOrStart } from '../../session/mod.ts';
import { short } from '../answer.ts';
import { table } from '../columns.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import { CountView } from '../count_view.ts';
import {
  FINGERPRINT_COLUMNS,
  meshRows,
  ownRows,
  peerRows,
  sharingText,
} from '../fingerprint_view.ts';
import type { Measured, Own, OwnProbe, Together } from '../fingerprint_view.ts';
import { keyOf } from '../key_of.ts';
import { nodeOptions } from '../session.ts';
import { defineCommand } from '../spec.ts';

/** `nexus fingerprint` */
export const command = defineCommand({
  name: 'fingerprint',
  summary: 'what this machine can do, or a peer',
  description:
    'Without a key: measures this machine, with the running node or without one. With a key: measures ' +
    'that peer, by ordinary jobs that this node times and checks, and by a product and ' +
    'micro-benchmarks of its machine; the running node asks. In a network with money these jobs cost NCU ' +
    'as any do: nexus jobs --probes tells how much. --where mesh lists what is known of all ' +
    'peers: what they claim, what was measured here, what challengers of the beacon attest.',
  flags: {
    full: {
      type: 'boolean',
      help: 'as many runs as a challenger makes: a minute or two; always so for a peer',
    },
    where: {
      type: 'string',
      value: 'local|mesh',
      choices: ['local', 'mesh'],
      help: 'this machine (default), or a list of all that are known',
    },
    model: {
      type: 'string',
      short: 'm',
      value: 'name',
      env: 'NEXUS_MODEL',
      help: 'model to measure with',
    },
    network: NETWORK_FLAGS.network,
  },
  positionals: [{
    name: 'peer',
    many: true,
    help: 'key of a peer, or first digits of one that is connected; two: do they share a machine?',
  }],
  examples: [
    { command: 'nexus fingerprint', does: 'this machine, in seconds' },
    { command: 'nexus fingerprint --full', does: 'with more runs, and all that was found' },
    { command: 'nexus fingerprint --where mesh', does: 'who claims what, and what is attested' },
    { command: 'nexus fingerprint <peer>', does: 'measure a peer from here' },
    { command: 'nexus fingerprint <peer> <peer>', does: 'do they share one machine?' },
  ],
  async run({ flags, positionals, out, signal }) {
    const [peer, second] = positionals;
    if (positionals.length > 2) throw usage('two peers at most');
    if (flags.where === 'mesh') {
      if (peer !== undefined) throw usage('either a peer or --where mesh');
      const { paths } = await openHome(flags.home);
      const rows = await call(paths.socket, 'fingerprints', {}, signal) as FingerprintRows;
      await out.event({ event: 'fingerprints', ...rows });
      if (rows.nodes.length === 0) return await out.note('nothing is known of any machine yet');
      return await out.result(table(meshRows(rows), out.columns));
    }
    if (peer !== undefined) {
      if (flags.where === 'local') throw usage('either a peer or --where local');
      const { paths } = await openHome(flags.home);
      const key = await keyOf(peer, 'peers', paths.socket, signal);
      const other = second === undefined
        ? null
        : await keyOf(second, 'peers', paths.socket, signal);
      if (other !== null) {
        await out.note(
          'beginning at both peers; one that is busy is asked again for half a minute',
        );
      }
      const view = new CountView(out, `measuring ${short(key)}`, 'steps');
      const events = streamCall(paths.socket, 'fingerprint', {
        peer: key,
        other,
        model: flags.model ?? null,
        full: true,
      }, signal);
      for await (const event of events as AsyncIterable<{ event: string }>) {
        await out.event(event);
        if (event.event === 'step') {
          const { stage, done, of } = event as unknown as StepEvent;
          if (stage === 'work' || stage === 'together') await view.show({ done, total: of });
          else await view.close();
        }
        if (event.event === 'together') {
          await view.close();
          await out.result(sharingText(event as unknown as Together));
        }
        if (event.event !== 'measured') continue;
        await view.close();
        const { rows, notes } = peerRows(event as unknown as Measured);
        await out.result(table([FINGERPRINT_COLUMNS, ...rows], out.columns));
        for (const note of notes) await out.note(note);
      }
      return;
    }
    const context = await openContext(flags);
    const wish = { roles: new Set<never>(), models: [], mesh: false, announce: false };
    await using session = await attachOrStart(context, () => nodeOptions(context, wish), signal);
    const { socket } = context.home.paths;
    const params = { model: context.settings.model.value, full: flags.full };
    let own: Own | null = null,
      probe: OwnProbe | null = null,
      machine: Own['machine'] | null = null;
    await out.note(`measuring ${session.own ? 'this machine' : 'the node of this machine'} …`);
    for await (const event of streamCall(socket, 'fingerprint', params, signal)) {
      await out.event(event as { event: string });
      const { event: type, ...fields } = event as { event: string };
      if (type === 'machine') machine = fields as unknown as Own['machine'];
      if (type === 'figures') own = { ...fields, machine: machine! } as unknown as Own;
      if (type === 'machine-probe') probe = fields as unknown as OwnProbe;
    }
    if (own === null || probe === null) {
      throw new NexusError('NODE_LOST', 'the node gave no figures');
    }
    const { rows, notes } = ownRows(own, probe, flags.full);
    await out.result(table([FINGERPRINT_COLUMNS, ...rows], out.columns));
    for (const note of notes) await out.note(note);
  },
});

interface StepEvent {
  stage: string;
  done: number;
  of: number;
}

function usage(message: string): NexusError {
  return new NexusError('USAGE', message, { hint: 'see nexus fingerprint --help' });
}
