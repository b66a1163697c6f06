import { type Line, line, rate, span, widthOf, wrap } from '../draw/mod.ts';
import { cleanLines, short } from '../state/mod.ts';
import type { Key } from './key.ts';

/** One turn of the conversation. */
export interface Turn {
  role: 'user' | 'assistant';
  text: string;
  /** What is said about an answer: who, how fast, or why it failed. */
  note: string;
  failed: boolean;
}

/** A conversation with the mesh. */
export interface Chat {
  turns: readonly Turn[];
  input: string;
  /** An answer is being written. */
  busy: boolean;
  /** Id of the last job, which the next one continues. */
  parent: string | null;
  /** Lines scrolled up from the end. */
  up: number;
}

const MAX_TURNS = 200;
const MAX_INPUT = 8000;
const MAX_ANSWER = 64_000;

export function newChat(): Chat {
  return { turns: [], input: '', busy: false, parent: null, up: 0 };
}

/** Text typed or pasted into the line. */
export function typed(chat: Chat, text: string): Chat {
  return { ...chat, input: (chat.input + cleanLines(text, MAX_INPUT)).slice(0, MAX_INPUT), up: 0 };
}

/** A key of the line; null: it is none of the chat's. */
export function edited(chat: Chat, key: Key): Chat | null {
  switch (key.name) {
    case 'backspace':
      return { ...chat, input: [...chat.input].slice(0, -1).join('') };
    case 'ctrl-u':
      return { ...chat, input: '' };
    case 'up':
      return { ...chat, up: chat.up + 1 };
    case 'down':
      return { ...chat, up: Math.max(0, chat.up - 1) };
    case 'pageup':
      return { ...chat, up: chat.up + 10 };
    case 'pagedown':
      return { ...chat, up: Math.max(0, chat.up - 10) };
  }
  return key.text === '' ? null : typed(chat, key.text);
}

/** The line is sent: a question, and an answer that is still empty. */
export function asked(chat: Chat): Chat {
  const turns: Turn[] = [
    ...chat.turns,
    { role: 'user', text: chat.input.trim(), note: '', failed: false },
    { role: 'assistant', text: '', note: 'asking…', failed: false },
  ];
  return { ...chat, turns: turns.slice(-MAX_TURNS), input: '', busy: true, up: 0 };
}

/** What the node is asked: the turns that worked, and the new one. */
export function messagesOf(chat: Chat): { role: string; content: string }[] {
  const whole = chat.turns.slice(0, -1);
  return whole.filter((turn, i) => {
    const answer = turn.role === 'user' ? whole[i + 1] : turn;
    return answer === undefined || !answer.failed;
  }).map(({ role, text }) => ({ role, content: text }));
}

/** An event of the running answer. */
export function heard(chat: Chat, event: Record<string, unknown>): Chat {
  switch (event.event) {
    case 'token':
      return answer(chat, (turn) => ({
        ...turn,
        text: (turn.text + cleanLines(String(event.text ?? ''))).slice(0, MAX_ANSWER),
      }));
    case 'route':
      return answer(chat, (turn) => ({ ...turn, note: `from ${short(String(event.executor))}` }));
    case 'queued':
      return answer(chat, (turn) => ({ ...turn, note: `queued, place ${event.position}` }));
    case 'failover': {
      const to = event.to === null ? 'somebody else' : short(String(event.to));
      return answer(chat, (turn) => ({ ...turn, note: `${turn.note}, failed over to ${to}` }));
    }
    case 'progress':
    case 'pull':
      return answer(chat, (turn) => ({ ...turn, note: `fetching ${event.model}` }));
    case 'done': {
      const speed = typeof event.tokensPerSecond === 'number' ? rate(event.tokensPerSecond) : '-';
      const note = `${event.outputTokens} tokens, ${speed} tokens/s, ${event.finish}`;
      const ended = answer(chat, (turn) => ({ ...turn, note: `${turn.note}, ${note}` }));
      return { ...ended, busy: false, parent: String(event.job) };
    }
    default:
      return chat;
  }
}

/** The answer has ended without `done`: cancelled, or failed with a reason. */
export function stopped(chat: Chat, reason: string | null): Chat {
  if (!chat.busy) return chat;
  const ended = answer(chat, (turn) => ({
    ...turn,
    note: reason ?? 'cancelled',
    failed: turn.text === '' || reason !== null,
  }));
  return { ...ended, busy: false };
}

function answer(chat: Chat, change: (turn: Turn) => Turn): Chat {
  const last = chat.turns.at(-1);
  if (last?.role !== 'assistant') return chat;
  return { ...chat, turns: [...chat.turns.slice(0, -1), change(last)] };
}

/** The conversation with its input line, in exactly `height` lines or fewer. */
export function chatLines(chat: Chat, width: number, height: number): Line[] {
  const said = chat.turns.flatMap((turn) => turnLines(turn, width));
  if (said.length === 0) {
    said.push(line('Ask the mesh: the prompt goes where `nexus run` would send it.', 'dim'));
  }
  const room = Math.max(1, height - 2);
  const end = Math.max(Math.min(room, said.length), said.length - chat.up);
  const shown = said.slice(Math.max(0, end - room), end);
  const blank = Array.from({ length: room - shown.length }, () => line());
  return [...shown, ...blank, line('─'.repeat(width), 'dim'), inputLine(chat, width)];
}

function turnLines({ role, text, note, failed }: Turn, width: number): Line[] {
  const mark = role === 'user' ? '> ' : '  ';
  const body = wrap(text, Math.max(1, width - 2)).map((part, i): Line => [
    span(i === 0 ? mark : '  ', 'accent'),
    span(part, role === 'user' ? 'bold' : 'plain'),
  ]);
  const lines = text === '' ? [] : body;
  if (note === '') return lines;
  return [...lines, [span('  '), span(note, failed ? 'bad' : 'dim')], line()];
}

function inputLine({ input, busy }: Chat, width: number): Line {
  if (busy) return [span('… ', 'accent'), span('Esc cancels the answer', 'dim')];
  const room = Math.max(1, width - 4);
  const letters = [...input.replaceAll('\n', '⏎')];
  while (widthOf(letters.join('')) > room) letters.shift();
  return [span('> ', 'accent'), span(letters.join('')), span(' ', 'inverse')];
}
