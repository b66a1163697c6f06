import { NexusError } from '../../../feeds/base/mod.ts';
import { serveControl } from '../../control/mod.ts';
import { methodsOf, NexusNode, type Role, statusOf } from '../../daemon/mod.ts';
import { acquireNode } from '../../home/mod.ts';
import { short } from '../answer.ts';
import { Dashboard, demandTerminal } from '../dashboard.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import { warnOfCopy } from '../copied.ts';
import { EXIT, Interrupted } from '../exit.ts';
import { openGateway } from '../gateway.ts';
import { NodeLog } from '../node_log.ts';
import type { Output } from '../output.ts';
import { nodeOptions } from '../session.ts';
import { defineCommand } from '../spec.ts';
import { aborted } from '../wait.ts';

const ROLES: readonly Role[] = ['executor', 'requester', 'auditor', 'witness'];

/** `nexus up` */
export const command = defineCommand({
  name: 'up',
  summary: 'run the node of this machine',
  description:
    'Lends this machine to the network: loads the models, announces them, answers peers. Ends with ' +
    'Ctrl-C or SIGTERM, after the jobs in progress.',
  flags: {
    model: { type: 'list', short: 'm', value: 'name', env: 'NEXUS_MODEL', help: 'model to serve' },
    role: {
      type: 'list',
      value: 'role,…',
      help: `${ROLES.join(', ')} (default: the first two)`,
    },
    threads: {
      type: 'integer',
      value: 'count',
      env: 'NEXUS_THREADS',
      help: 'threads of the engine',
    },
    slots: { type: 'integer', value: 'count', env: 'NEXUS_SLOTS', help: 'jobs decoded at once' },
    price: { type: 'integer', value: 'micro-NCU', env: 'NEXUS_PRICE', help: 'price of a token' },
    http: {
      type: 'string',
      value: 'host:port',
      env: 'NEXUS_HTTP',
      help: 'speak to programs as the API of OpenAI does, here',
    },
    'http-origin': {
      type: 'list',
      value: 'origin',
      env: 'NEXUS_HTTP_ORIGINS',
      help: 'web origin whose pages may do so; "*": all',
    },
    'http-streams': {
      type: 'integer',
      value: 'count',
      env: 'NEXUS_HTTP_STREAMS',
      help: 'requests answered there at once (default 256)',
    },
    'http-body-bytes': {
      type: 'integer',
      value: 'bytes',
      env: 'NEXUS_HTTP_BODY_BYTES',
      help: "a request's body there at most (default 4 MiB)",
    },
    admit: {
      type: 'list',
      value: 'name=value',
      env: 'NEXUS_HTTP_ADMIT',
      help:
        'give keys of it to who proves such a standing: reputation=0.6, bond=10; also cuts, hours, most, requests, tokens, streams, ncu',
    },
    tui: {
      type: 'boolean',
      help: 'with the dashboard on this terminal; leaving it stops the node',
    },
    fingerprint: {
      type: 'string',
      value: 'on|off',
      choices: ['on', 'off'],
      env: 'NEXUS_FINGERPRINT',
      help: 'measure this machine while it is idle (default on)',
    },
    'log-format': {
      type: 'string',
      choices: ['text', 'json'],
      env: 'NEXUS_LOG_FORMAT',
      help: 'lines of the log on stderr: for people, or one JSON object each',
    },
    ...NETWORK_FLAGS,
  },
  examples: [
    { command: 'nexus up', does: 'lend this machine with the default model' },
    { command: 'nexus up -m austen-3.7m -m smollm2-135m', does: 'serve two models' },
    { command: 'nexus up --http 127.0.0.1:8040', does: 'and answer clients of the OpenAI API' },
    {
      command: 'nexus up --http 127.0.0.1:8040 --admit reputation=0.6 --admit bond=10',
      does: 'and give a key to whoever proves that it stands so',
    },
    { command: 'nexus up --tui', does: 'and watch it: q stops the node' },
    { command: 'nexus up --role requester', does: 'be in the mesh without working for it' },
  ],
  async run({ flags, out, signal }) {
    const { model: models, role, ...rest } = flags;
    const roles = rolesOf(role);
    if (flags.tui) demandTerminal(out);
    const context = await openContext({
      ...rest,
      httpOrigins: flags['http-origin'],
      httpStreams: flags['http-streams'],
      httpBodyBytes: flags['http-body-bytes'],
      httpAdmit: flags.admit,
      logFormat: flags['log-format'],
    });
    const { paths } = context.home;
    const lease = await acquireNode(paths);
    if (!lease.owner) {
      throw new NexusError(
        'HOME_LOCKED',
        `a node of this home runs already (process ${lease.pid})`,
        {
          hint: `use it: nexus run …; stop it: kill ${lease.pid}; or choose another --home`,
        },
      );
    }
    await warnOfCopy(paths, out);
    const wanted = models.length > 0
      ? models
      : [context.settings.model.value].filter((m) => m !== null);
    const options = await nodeOptions(context, {
      roles,
      models: wanted,
      mesh: true,
      announce: true,
    });
    const stop = new AbortController();
    const told = () => stop.abort(new Interrupted('told to stop', EXIT.done));
    const ending = AbortSignal.any([signal, stop.signal]);
    let log: NodeLog | null = null;
    try {
      await using node = await NexusNode.start(options);
      log = nodeLog(node, out);
      node.bus.on((event) => log?.show(event));
      await using _control = await serveControl(paths.socket, methodsOf(node, told));
      await using _gateway = await openGateway(node, log);
      await using dashboard = flags.tui ? Dashboard.show(paths.home, log, told) : null;
      const failure = watchFeeds(node);
      await Promise.race([start(node, wanted, out, log, ending), failure]);
      await Promise.race([aborted(ending), failure]);
      await dashboard?.close();
      await log.say('info', 'stopping', 'stopping: jobs in progress get a few seconds');
    } finally {
      await log?.written();
      lease.release();
    }
    // Being stopped is how this command ends.
    if (signal.reason instanceof Interrupted) return 0;
  },
});

/** With `--json` the events are the log, unless lines were asked for too. */
function nodeLog(node: NexusNode, out: Output): NodeLog {
  const { value: format, origin } = node.options.settings.logFormat;
  return new NodeLog(out, { format, lines: !out.json || origin !== 'default', self: node.key });
}

async function start(
  node: NexusNode,
  models: readonly string[],
  out: Output,
  log: NodeLog,
  signal: AbortSignal,
): Promise<void> {
  const executes = node.options.roles.has('executor');
  if (executes || node.options.roles.has('auditor')) await node.serve(models, signal);
  const { announced, detail } = executes ? await node.lend() : await node.joined();
  const status = statusOf(node);
  await out.event({
    event: 'ready',
    id: node.key,
    key: node.key,
    home: node.options.home.paths.home,
    network: node.options.network.name,
    announced,
    models: status.models.map(({ name }) => name),
    http: node.http,
    pids: await node.pids(),
  });
  const serving = status.models.map(({ name }) => name).join(', ') || 'nothing';
  const { name } = node.options.network;
  const at = node.http === null ? '' : `, at ${node.http}/v1`;
  const ready = `ready: ${short(node.key)} in ${name}, serving ${serving}${at}`;
  await log.say('info', 'ready', ready, {
    key: node.key,
    network: name,
    announced,
    http: node.http,
  });
  if (executes && !announced) {
    await log.say('warning', 'not-announced', `peers cannot find this node yet: ${detail}`);
  }
}

/** Without logs there is no node. */
async function watchFeeds(node: NexusNode): Promise<never> {
  await node.feeds();
  return await new Promise<never>(() => {});
}

function rolesOf(given: readonly string[]): Set<Role> {
  const names = given.flatMap((value) => value.split(',')).map((name) => name.trim());
  const roles = names.length === 0 ? ['executor', 'requester'] : names;
  for (const name of roles) {
    if (ROLES.some((role) => role === name)) continue;
    throw new NexusError('USAGE', `there is no role ${JSON.stringify(name.slice(0, 40))}`, {
      hint: `roles are ${ROLES.join(', ')}`,
    });
  }
  return new Set(roles as Role[]);
}
