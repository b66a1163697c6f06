import { labelled, type Line, line, moment, rate, sparkline, type Tone } from '../draw/mod.ts';
import { type Figures, type Interval, joules, short } from '../state/mod.ts';
import { credit, decodes, type Machine, UNBOUNDED } from './fingerprint_figures.ts';
import type { Context } from './types.ts';

type Fact = [label: string, text: string, tone?: Tone];

/** All that is known of one machine with one model: claimed, measured, attested, over time. */
export function fingerprintDetail(row: Machine, _: Context, width: number): Line[] {
  const { text, tone } = credit(row);
  const moves = decodes(row);
  return [
    ...labelled([
      ['key', row.key],
      ['name', row.self ? 'this node' : row.name ?? '-'],
      ['model', row.model ?? '-'],
      ['profile', row.profile],
      ['class', row.class || '-'],
      ['worth', text, tone],
      ...refuted(row),
      ...figures('claimed', row.claimed),
      ...figures('measured', row.measured),
      ...attested(row),
      ...energy(row),
      ...(moves.length === 0
        ? []
        : [['history', sparkline(moves, Math.max(8, Math.min(64, width - 12))), 'accent'] as Fact]),
    ]),
    ...(row.history.length === 0 ? [] : [line(), line('figures, newest first', 'bold')]),
    ...row.history.toReversed().map(({ at, source, by, prefill, decode }) =>
      line(
        `${moment(at)}  ${SAID[source]}  prefill ${rate(prefill)}, decode ${rate(decode)} tok/s` +
          (source === 'attestation' ? `  by ${short(by)}` : ''),
      )
    ),
    line(),
    line('a claim is what it says of itself', 'dim'),
  ];
}

const SAID = { claim: 'claimed ', own: 'measured', attestation: 'attested' } as const;

/** From so much to so much, where there is an upper bound. */
function span(low: number, high: number): string {
  return `${rate(low)} ${high >= UNBOUNDED ? 'or more' : `to ${rate(high)}`}`;
}

function refuted({ contradicted }: Machine): Fact[] {
  if (contradicted === null) return [];
  const { figure, claimed, low, high, epoch } = contradicted;
  const text = `${figure}: ${rate(claimed)} claimed, ${span(low, high)} attested, ` +
    `cut ${epoch}`;
  return [['refuted', text, 'bad']];
}

function figures(label: string, said: Figures | null): Fact[] {
  if (said === null) return [[label, '-', 'dim']];
  const { prefill, decode, streams, streamRate, context, at } = said;
  return [
    [label, `decode ${rate(decode)} tok/s, prefill ${rate(prefill)} tok/s`],
    ['', `${streams ?? '-'} at once: ${rate(streamRate)} tok/s in total; ${context ?? '-'} tokens`],
    ...(at === 0 ? [] : [['', moment(at), 'dim'] as Fact]),
  ];
}

function attested({ attested }: Machine): Fact[] {
  if (attested === null) return [['attested', '-', 'dim']];
  const { prefill, decode, streams, context, until, by, raw } = attested;
  const range = ({ low, high, confidence }: Interval) =>
    `${span(low, high)} (${Math.round(100 * confidence)} % sure)`;
  return [
    // What one alone found is its word: nobody attests it.
    by.length === 1
      ? ['by one', `decode ${range(decode)} tok/s`]
      : ['attested', `decode ${range(decode)} tok/s`, 'good'],
    ['', `prefill ${range(prefill)} tok/s`],
    ...(streams === null ? [] : [['', `in total ${range(streams)} tok/s`] as Fact]),
    ...(context === null ? [] : [['', `context ${range(context)} tokens`] as Fact]),
    ...(raw === null ? [] : [
      ['', `raw product by ${raw.backend}: ${rate(raw.rate)} Mop/s, ${raw.memory} MiB`] as Fact,
    ]),
    ['', `up to cut ${until}, by ${by.map(short).join(', ') || '-'}`],
  ];
}

const SOURCES = {
  nvml: "counted by the card's driver (nvml)",
  rapl: 'counted by the processor (rapl)',
  estimate: 'estimated from the class of the machine',
} as const;

function energy({ energy }: Machine): Fact[] {
  if (energy === null) return [['energy', '-', 'dim']];
  const { promptToken, outputToken, source, error } = energy;
  const each = (value: number | null) => (value === null ? '-' : joules(value));
  return [
    ['energy', `${each(outputToken)} an output token, ${each(promptToken)} a prompt token`],
    ['', SOURCES[source] + (error === null ? '' : `, ±${Math.round(100 * error)} %`), 'dim'],
  ];
}
