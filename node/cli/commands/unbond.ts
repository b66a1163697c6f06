import { bondCommand } from '../bonding.ts';

/** `nexus unbond` */
export const command = bondCommand('unbond', {
  summary: 'ask NCU of the bond back',
  description:
    'What is asked back stays bonded, and can be slashed, until every audit that it stands for is ' +
    'over. While an audit of this node is disputed it is refused.',
  examples: [{ command: 'nexus unbond 5', does: 'ask 5 NCU back' }],
});
