import t from 'tap';
import { commandsWork, PAGES } from './commands.ts';

t.test('every command that the pages show works as shown', (t) => commandsWork(t, PAGES));
