import { NexusError } from '../base/mod.ts';
import type { CoreSpan, JoinOptions } from '../client/types.ts';
import type { LogName } from '../records/mod.ts';
import { Fields } from '../wire/mod.ts';
import { MAX_ANNOUNCEMENT, MAX_MEMBERSHIP } from './control.ts';
import { LOGS } from './keys.ts';
import type { Service } from './service.ts';

const MAX_BLOCK = 1024 * 1024;

/** The calls that the Deno side may make, validated. */
export async function api(
  service: Service,
  method: string,
  args: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const fields = new Fields(args ?? {});
  switch (method) {
    case 'append':
      return await service.append(logName(fields), fields.list('blocks', MAX_BLOCK, 4096, true));
    case 'head':
      return await service.head(fields.bytes('core', 32));
    case 'read':
      return await service.read(
        fields.bytes('core', 32),
        fields.number('start'),
        fields.number('end'),
      );
    case 'prove':
      return await service.prove(fields.bytes('core', 32), fields.number('index'));
    case 'cores':
      return await service.cores();
    case 'states':
      return await service.states();
    case 'holds':
      return await service.holds(spans(fields));
    case 'prefixes':
      return await service.prefixes(fields.objects('spans', 4096).map(spanOf));
    case 'follow':
      return await service.follow(fields.list('cores', 32, 4096));
    case 'update':
      return await service.update(fields.bytes('core', 32), signal);
    case 'join':
      return service.join(joinOptions(fields));
    case 'leave':
      return await service.mesh.leave();
    case 'announce':
      return service.mesh.announce(fields.bytes('announcement', MAX_ANNOUNCEMENT, true));
    case 'peers':
      return service.mesh.peers();
    case 'connect':
      return await service.connect(fields.bytes('peer', 32), signal);
    case 'serve':
      return service.channels.serve(fields.text('protocol', 64), service.mesh.sessions());
    case 'open':
      return await service.open(fields.number('ch'), fields.bytes('peer', 32), {
        protocol: fields.text('protocol', 64),
        id: fields.bytes('id', 64, true),
        handshake: fields.bytes('handshake', 64 * 1024, true),
      }, signal);
    case 'share':
      return await service.blobs.share(fields.text('path'));
    case 'fetch':
      return await service.fetch(
        fields.bytes('core', 32),
        fields.text('path'),
        fields.number('maxBytes'),
        fields.number('transfer'),
        signal,
      );
    default:
      // bare-rpc itself would leave an unknown command without an answer.
      throw new NexusError('UNKNOWN_METHOD', `the feeds service knows no call "${method}"`);
  }
}

function logName(fields: Fields): LogName {
  const name = fields.text('log', 16) as LogName;
  if (LOGS.includes(name)) return name;
  throw new NexusError('UNKNOWN_LOG', `there is no log "${name}"`, {
    hint: `logs are ${LOGS.join(', ')}`,
  });
}

function spans(fields: Fields): CoreSpan[] {
  return fields.objects('spans', 4096).map((span) => ({
    ...spanOf(span),
    treeHash: span.bytes('treeHash', 32),
  }));
}

function spanOf(span: Fields): Omit<CoreSpan, 'treeHash'> {
  return {
    core: span.bytes('core', 32),
    from: span.number('from'),
    length: span.number('length', 1),
  };
}

function joinOptions(fields: Fields): JoinOptions {
  return {
    network: fields.bytes('network', 32),
    topics: fields.list('topics', 32, 64),
    announce: fields.flag('announce'),
    members: fields.has('members') ? fields.list('members', 32, 10_000) : null,
    banned: fields.list('banned', 32, 10_000),
    maxPeers: fields.number('maxPeers', 1, 1024),
    membership: fields.has('membership') ? fields.bytes('membership', MAX_MEMBERSHIP, true) : null,
  };
}
