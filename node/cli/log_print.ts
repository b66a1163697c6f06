import type { NodeEvent } from '../control/mod.ts';
import { short } from './answer.ts';
import type { LogLevel } from './log_render.ts';

/** What is measured about machines, as a line of the log; null for other events. */
export function printSaid(event: NodeEvent, self: string | null): [LogLevel, string] | null {
  const whose = event.executor === self ? 'this node' : short(event.executor);
  switch (event.event) {
    case 'figures': {
      const { model, prefill, decode } = event as unknown as Figures;
      return [
        'info',
        `this machine reads ${rate(prefill)} and writes ${rate(decode)} with ${model}`,
      ];
    }
    case 'attested': {
      const { prefill, decode, by } = event as unknown as Attested;
      const what = `reads ${span(prefill)} and writes ${span(decode)}`;
      const whoSays = by.length === 1
        ? 'one challenger measured'
        : `${by.length} challengers attest`;
      return ['info', `${whose} ${what}, ${whoSays}`];
    }
    case 'claim-contradicted': {
      const [worst] = event.figures as { figure: string; claimed: number; high: number }[];
      const level = event.executor === self ? 'warning' : 'info';
      if (worst === undefined) return [level, `${whose} claims what is not so`];
      const { figure, claimed, high } = worst;
      return [level, `${whose} claims ${figure} ${claimed}, and ${high} at most was measured`];
    }
    case 'speed-class-changed':
      return ['info', `${whose} is of another class: ${(event.figures as string[]).join(', ')}`];
    case 'challenge-refused':
      return ['debug', `a measurement by ${short(event.challenger)} was refused`];
    default:
      return null;
  }
}

interface Figures {
  model: string;
  prefill: number;
  decode: number;
}

interface Attested {
  prefill: { low: number; high: number };
  decode: { low: number; high: number };
  by: string[];
}

function rate(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} tokens/s`;
}

function span({ low, high }: { low: number; high: number }): string {
  return `${(low / 1000).toFixed(0)} to ${rate(high / 1000)}`;
}
