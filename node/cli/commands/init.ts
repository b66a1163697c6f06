import { toHex } from '../../../feeds/base/mod.ts';
import { changeConfig, type Where } from '../../home/mod.ts';
import { ask } from '../ask.ts';
import { usageError } from '../args.ts';
import { openContext } from '../context.ts';
import { defineCommand } from '../spec.ts';

const WHERE = ['local', 'mesh', 'any'] as const;

const EXPLANATION = `Where may your prompts run?

  local  on this machine only. Nothing of a prompt leaves it.
  mesh   on other machines of the network only.
  any    on other machines first; here, when nobody answers.

A prompt that leaves this machine can be read by you, by the machines that answer it, by
the auditors and the panel drawn for it, and by whoever they hand it to. What everybody can
read in the public logs is less: keys, model, parameters, counts, prices, timing, failovers
and verdicts. The text itself stands there only as salted commitments and ciphertext.

This choice is about open networks, whose members are strangers. In a private network of
your own machines prompts go to any of them, unless you set --private-where.`;

/** `nexus init` */
export const command = defineCommand({
  name: 'init',
  summary: 'set up this machine, step by step',
  description:
    'Creates the identity of this node and asks where prompts may run. It can be run again\n' +
    'at any time; nothing is lost.',
  flags: {
    where: { type: 'string', choices: WHERE, help: 'where prompts run in open networks' },
    'private-where': {
      type: 'string',
      choices: WHERE,
      help: 'where prompts run in private networks',
    },
  },
  examples: [
    { command: 'nexus init', does: 'ask what has to be asked' },
    { command: 'nexus init --where local', does: 'ask nothing: prompts stay here' },
  ],
  async run({ flags, out, signal }) {
    const { home, signer } = await openContext({ home: flags.home });
    const { style } = out;
    const key = toHex(signer.publicKey);
    await out.note(
      home.created
        ? `This machine has an identity now: ${style.bold(key)}`
        : `This machine is ${style.bold(key)}`,
    );
    await out.note(`Everything of it lies in ${home.paths.home}\n`);
    let where: Where | undefined = flags.where;
    const privateWhere: Where | undefined = flags['private-where'];
    if (where === undefined && privateWhere === undefined && !flags.json && !flags.quiet) {
      await out.note(`${EXPLANATION}\n`);
      if (Deno.stdin.isTerminal()) where = await askWhere(home.config.where ?? 'local', signal);
    }
    const config = await changeConfig(home.paths.config, {
      ...(where === undefined ? {} : { where }),
      ...(privateWhere === undefined ? {} : { privateWhere }),
    });
    const chosen = { where: config.where ?? 'local', privateWhere: config.privateWhere ?? 'any' };
    await out.event({
      event: 'init',
      key,
      home: home.paths.home,
      created: home.created,
      ...chosen,
    });
    await out.note(
      `Prompts run: ${style.bold(chosen.where)} in open networks, ` +
        `${style.bold(chosen.privateWhere)} in private ones.`,
    );
    await out.note(`\nTry: nexus run "Why is the sky blue?"`);
    await out.note('Use your other machines: nexus network new home, then nexus up');
  },
});

async function askWhere(before: Where, signal: AbortSignal): Promise<Where> {
  for (let tries = 0; tries < 5; tries++) {
    const answer = await ask(`Where may prompts run? local, mesh or any [${before}] `, signal);
    if (answer === null || answer === '') return before;
    const where = WHERE.find((one) => one === answer.toLowerCase());
    if (where !== undefined) return where;
  }
  throw usageError('no choice was made', 'run nexus init --where local, mesh or any');
}
