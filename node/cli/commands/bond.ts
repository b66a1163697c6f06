import { bondCommand } from '../bonding.ts';

/** `nexus bond` */
export const command = bondCommand('bond', {
  summary: 'let NCU answer for the work of this node',
  description:
    'Moves what this node may spend into its bond, which is slashed if it is proven to cheat. The ' +
    'more is bonded, the more may be earned that is not settled yet without every answer being ' +
    'audited. A newcomer needs none: it is audited fully at first, and bonds from what it earns.',
  examples: [
    { command: 'nexus bond 20', does: 'bond 20 NCU' },
    { command: 'nexus bond 0.5 --wait', does: 'and tell when a cut has taken it' },
  ],
});
