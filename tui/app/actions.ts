import { ncuText, parseNcu } from '../../feeds/base/mod.ts';
import { short, type State } from '../state/mod.ts';
import type { Subject } from '../panes/mod.ts';
import type { Action, Mode, Question, Screen } from './ui.ts';

/** What a key begins: a question, a confirmation, or the reason why it cannot be done. */
export type Begun = Mode | { kind: 'no'; reason: string };

/** The keys of actions that change something. */
export const ACTION_KEYS = new Set(['p', 'b', 'u', 'd', 'm', 'r', 'a', 'B', 'U']);

/** Begins the action of a key on the chosen row. */
export function begin(key: string, subject: Subject | null, screen: Screen): Begun {
  if (screen.player !== null) return no('this is a recording: nothing can be done to it');
  if (screen.readOnly) return no('read-only: start without --read-only to act');
  const { status, link } = screen.context.state;
  if (status === null || link.state !== 'live') return no('the node is not there');
  switch (key) {
    case 'p': {
      const price = status.models[0]?.price;
      const text = price === undefined ? '' : String(price);
      return ask({ label: 'price, micro-NCU a token', text, for: 'price' });
    }
    case 'm':
      return ask({ label: 'model to pull (name, or hf:…)', text: '', for: 'pull' });
    case 'u':
      return ask({ label: 'key of the peer to unban', text: '', for: 'unban' });
    case 'd': {
      const on = !status.draining;
      const says = on ? 'drain: take no new jobs' : 'stop draining: take jobs again';
      return { kind: 'confirm', action: { method: 'drain', params: { on }, says } };
    }
    case 'a': {
      const says = 'replay all logs that are held here';
      return { kind: 'confirm', action: { method: 'audit', params: {}, says } };
    }
    case 'B':
      return bonding('bond', screen.context.state);
    case 'U':
      return bonding('unbond', screen.context.state);
    case 'b': {
      if (subject?.peer === undefined) return no('choose a peer first');
      const name = screen.context.state.peers.get(subject.peer)?.name;
      const says = `ban ${short(subject.peer)}${name ? ` (${name})` : ''}`;
      return { kind: 'confirm', action: { method: 'ban', params: { key: subject.peer }, says } };
    }
    case 'r': {
      const job = subject?.job;
      if (job === undefined) return no('choose a job first');
      if (screen.context.state.jobs.get(job)?.receipt == null) {
        return no('this job has no receipt here');
      }
      return ask({
        label: 'export the receipt to',
        text: `${short(job)}.receipt`,
        for: 'receipt',
        job,
      });
    }
  }
  return no('unknown action');
}

/** What an answered question asks for; null: nothing (an empty answer), a text: why it cannot be. */
export function answered({ for: what, text, job, most }: Question): Action | string | null {
  const value = text.trim();
  if (value === '') return null;
  switch (what) {
    case 'price': {
      const price = Number(value);
      if (!Number.isSafeInteger(price) || price < 0) return 'a price is a whole number';
      const says = `set the price to ${price} micro-NCU a token`;
      return { method: 'price', params: { price }, says };
    }
    case 'pull':
      return { method: 'pull', params: { model: value }, says: `pull ${value}` };
    case 'unban':
      if (!/^[0-9a-f]{64}$/i.test(value)) return 'a key has 64 hexadecimal digits';
      return {
        method: 'unban',
        params: { key: value.toLowerCase() },
        says: `unban ${short(value)}`,
      };
    case 'receipt':
      return {
        method: 'receipt',
        params: { job, to: value },
        says: `write the receipt to ${value}`,
      };
    case 'bond':
    case 'unbond': {
      const amount = parseNcu(value);
      if (amount === 0 || /^-/.test(value)) return 'must be above 0';
      if (amount === null) return 'an amount in NCU has at most six decimals: 2.5';
      if (most !== undefined && amount > most) return `at most ${ncuText(most)} NCU`;
      const says = what === 'bond'
        ? `bond ${ncuText(amount)} NCU? Cheating, once proven, loses it`
        : `unbond ${ncuText(amount)} NCU? It stays at stake for some cuts more`;
      return { method: what, params: { amount }, says };
    }
    case 'filter':
      return null;
  }
}

/** Asks how much is to be bonded, or to be free again. */
function bonding(what: 'bond' | 'unbond', { ledger }: State): Begun {
  if (ledger === null) return no('there is no money in this network');
  if (ledger.own === null) return no('this node has no account yet: it begins with the first cut');
  const { available, bonded, unbonding, owed, banned } = ledger.own;
  if (banned) return no('this account is banned: its bond is gone');
  const most = what === 'bond' ? available : bonded - unbonding - owed;
  if (most <= 0) {
    const none = bonded === 0 ? 'nothing is bonded' : 'nothing of the bond is free';
    return no(what === 'bond' ? 'nothing is available to be bonded' : none);
  }
  return ask({ label: `NCU to ${what}, at most ${ncuText(most)}`, text: '', for: what, most });
}

function ask(question: Question): Mode {
  return { kind: 'ask', question };
}

function no(reason: string): Begun {
  return { kind: 'no', reason };
}
