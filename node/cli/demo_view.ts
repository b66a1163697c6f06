import type { DemoEvent } from '../demo/mod.ts';
import { short } from './answer.ts';
import type { Output } from './output.ts';
import { oneLine, printable } from './text.ts';
import { Wrap } from './wrap.ts';

/** On a terminal, the answer comes at a speed at which it can be watched. */
const TOKEN_MS = 6;
const INDENT = '  ';

/** Shows a demonstration to a person, step by step. */
export class DemoView {
  readonly #out: Output;
  readonly #columns: number;
  #wrap: Wrap;
  #part = '';
  #struck = false;
  #inLine = false;

  constructor(out: Output) {
    this.#out = out;
    this.#columns = Math.min(100, out.terminal ? Deno.consoleSize().columns : 100);
    this.#wrap = new Wrap(this.#columns, INDENT);
  }

  async show(event: DemoEvent): Promise<void> {
    const out = this.#out;
    const { dim, green, red } = out.resultStyle;
    switch (event.event) {
      case 'start':
        return await this.#begin(
          `A mesh of ${event.nodes} nodes on this machine`,
          'separate processes, a private DHT, the embedded model',
        );
      case 'node': {
        const { engine, feeds, node } = event.pids;
        const pids = dim(`processes ${node}, ${feeds}, ${engine}`);
        return await this.#line(
          `node ${event.number}  ${short(event.key)}  ready after ${
            seconds(event.readyMs)
          }  ${pids}`,
        );
      }
      case 'mesh':
        return await this.#line(`connected with all of them after ${seconds(event.connectedMs)}`);
      case 'answer': {
        await this.#begin('Many prompts at once', 'spread by load, latency and price');
        const head = `node ${event.node}  ${String(event.tokens).padStart(3)} tokens  `;
        const room = this.#columns - INDENT.length - head.length - 1;
        return await this.#line(head + dim(`${oneLine(event.text).slice(0, room)}…`));
      }
      case 'prompt':
        // The answer before was too short for an accident.
        await this.#say(this.#wrap.flush());
        await this.close();
        this.#wrap = new Wrap(this.#columns, INDENT);
        await this.#begin('One long answer, and an accident', `node ${event.node} writes it`);
        return await this.#line(`${dim('>')} ${event.text}`);
      case 'token':
        await this.#say(this.#wrap.push(printable(event.text)));
        // Between kill and failover the time is taken.
        if (out.terminal && !this.#struck) await pause(TOKEN_MS);
        return;
      case 'kill':
        this.#struck = true;
        return await this.#say(this.#wrap.mark(red(`[node ${event.node} killed]`)));
      case 'failover': {
        this.#struck = false;
        const gap = `${event.gapMs.toFixed(0)} ms later`;
        return await this.#say(this.#wrap.mark(green(`[node ${event.to} goes on, ${gap}]`)));
      }
      case 'check': {
        if (this.#part === 'One long answer, and an accident') {
          await this.#say(this.#wrap.flush());
          await this.close();
        }
        await this.#begin('What can be checked afterwards', 'by anybody, from logs and receipt');
        const mark = event.ok ? green('ok    ') : red('FAILED');
        return await this.#line(`${mark}  ${event.name.padEnd(7)}  ${oneLine(event.detail)}`);
      }
    }
  }

  /** Ends the line of an answer that goes no further. */
  async close(): Promise<void> {
    if (this.#inLine) await this.#out.part('\n');
    this.#inLine = false;
  }

  /** A heading, once. */
  async #begin(part: string, about: string): Promise<void> {
    if (this.#part === part) return;
    const { bold, dim } = this.#out.resultStyle;
    await this.#out.result(`${this.#part === '' ? '' : '\n'}${bold(part)} ${dim(`(${about})`)}`);
    this.#part = part;
  }

  async #line(text: string): Promise<void> {
    await this.#out.result(`${INDENT}${text}`);
  }

  async #say(text: string): Promise<void> {
    if (text === '') return;
    this.#inLine = true;
    await this.#out.part(text);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
