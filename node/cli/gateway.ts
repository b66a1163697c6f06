import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import type { NexusNode } from '../daemon/mod.ts';
import type { Gateway } from '../gateway/mod.ts';
import { fileKeyBook, fileUsage } from '../keys/mod.ts';
import type { NodeLog } from './node_log.ts';

/** Opens the gateway of a node where its settings have one; the node carries its address then. */
export async function openGateway(node: NexusNode, log: NodeLog): Promise<Gateway | null> {
  const { home, settings } = node.options;
  const { http, httpOrigins, httpStreams, httpBodyBytes, httpAdmit } = settings;
  if (http.value === null) {
    if (httpAdmit.origin !== 'flag') return null;
    throw new NexusError('USAGE', 'there is no gateway that could admit anybody', {
      hint: 'say where it is to listen: --http 127.0.0.1:8040',
    });
  }
  // Few nodes have one: the others need not read its modules.
  const { gatewayNode, listenAt, serveGateway } = await import('../gateway/mod.ts');
  await using parts = new AsyncDisposableStack();
  const admission = httpAdmit.value.length === 0
    ? {}
    : { admission: parts.use(await admissionFor(node, httpAdmit.value)) };
  const gateway = await serveGateway(gatewayNode(node), {
    ...listenAt(http.value),
    origins: httpOrigins.value,
    ...admission,
    keys: fileKeyBook(home.paths.keys),
    usage: fileUsage(home.paths.usage, (thrown) => {
      log.say('error', 'gateway', `what keys have spent cannot be kept: ${messageOf(thrown)}`);
    }),
    limits: { streams: httpStreams.value, bodyBytes: httpBodyBytes.value },
    onRequest: (request) => log.request(request),
    onFault: (thrown) => log.say('error', 'gateway', `the gateway failed: ${messageOf(thrown)}`),
  });
  node.http = gateway.url;
  parts.use(gateway);
  const held = parts.move();
  return { ...gateway, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function admissionFor(node: NexusNode, list: readonly string[]) {
  const { admissionFrom, admissionOf } = await import('./admission.ts');
  return await admissionOf(node, admissionFrom(list));
}
