import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Loopback comes up, and a device that swallows what is routed to it; rules come before addresses. */
const SETUP = `
set -e
ip link set lo up
ip link add name hole type dummy 2>&- || ip link add name hole type bridge
ip address add 192.0.2.1/32 dev hole
ip link set hole up
ip route add default dev hole table 77
ip rule add pref 200 lookup local
ip rule del pref 0
echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
`;

/**
 * A network of its own (Linux network namespace) that has nothing but loopback, or not even that.
 * Needs root or unprivileged user namespaces: see {@link Netns.why}.
 */
export class Netns {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
    process.once('exit', () => this.end());
  }

  /** Why it cannot be had on this machine, for `t.skip`; null if it can. */
  static why(): string | null {
    if (process.platform !== 'linux') return 'needs Linux network namespaces';
    try {
      execFileSync('unshare', [...kind(), 'sh', '-c', SETUP], { stdio: 'pipe' });
      return null;
    } catch (error) {
      const { stderr, message } = error as { stderr?: unknown; message: string };
      return `no network namespace can be made here: ${String(stderr ?? '').trim() || message}`;
    }
  }

  /** @param bare true: without any interface that is up */
  static async make({ bare = false } = {}): Promise<Netns> {
    // Lives as long as its stdin: a test that dies takes it along.
    const script = `${bare ? '' : SETUP}\necho ready\nexec cat`;
    const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit'];
    const holder = spawn('unshare', [...kind(), 'sh', '-c', script], { stdio });
    await once(createInterface({ input: holder.stdout! }), 'line');
    return new Netns(holder);
  }

  /** Command that runs another one in here. */
  get through(): string[] {
    const user = isRoot() ? [] : ['--user', '--preserve-credentials'];
    return ['nsenter', '--target', String(this.#holder.pid), ...user, '--net'];
  }

  /** From now on every packet from and to an address is lost, and nobody is told. */
  sever(host: string): void {
    for (const way of ['from', 'to']) {
      this.#ip('rule', 'add', 'pref', '10', way, host, 'lookup', '77');
    }
  }

  heal(host: string): void {
    for (const way of ['from', 'to']) {
      this.#ip('rule', 'del', 'pref', '10', way, host, 'lookup', '77');
    }
  }

  /** The same between two addresses alone: the network falls apart. */
  part(one: string, other: string): void {
    for (const [from, to] of [[one, other], [other, one]]) {
      this.#ip('rule', 'add', 'pref', '10', 'from', from!, 'to', to!, 'lookup', '77');
    }
  }

  join(one: string, other: string): void {
    for (const [from, to] of [[one, other], [other, one]]) {
      this.#ip('rule', 'del', 'pref', '10', 'from', from!, 'to', to!, 'lookup', '77');
    }
  }

  end(): void {
    this.#holder.stdin!.end();
  }

  #ip(...args: string[]): void {
    const [command, ...line] = [...this.through, 'ip', ...args];
    execFileSync(command!, line, { stdio: 'pipe' });
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function kind(): string[] {
  return isRoot() ? ['--net'] : ['--net', '--user', '--map-root-user'];
}
