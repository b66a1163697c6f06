import { Draw } from './draw.ts';

/** Tokens of a word of plain English, with its space, for the vocabularies in use. */
const TOKENS_A_WORD = 1.25;

const WORDS = `about after again against almost along already although among another answer anyone
around because become before began behind believe below between beyond bring brother build business
carry certain change children church city clear close colour come common company consider country
course cover cross dark daughter decide deep different door doubt down during early earth either end
enough even evening every evidence example except eye face family far father feel few field figure
find fire first follow force friend front full garden general give good great ground group grow half
hand happy head hear heart help high history home hope hour house however idea important include
interest island keep kind king knew know land language large last late law lead learn leave less
letter life light line little live long look lose love machine make many mark master matter mean
measure meet might mind minute moment money month moon more morning mother mountain move much music
must name near need never new next night north note nothing notice number ocean offer often old once
only open order other outside over own page paper part pass past pay people perhaps person picture
place plain plan play point poor possible power present press problem produce public question quiet
rain reach read ready real reason record red remember rest return rich right river road room round
rule same school sea second see seem sense sentence serve several shall ship short should show side
silence simple since sister sleep slow small snow some song soon sound south speak spring stand star
start state step still stone story street strong study such sudden summer sun sure table take talk
teach tell than thing think though thought thousand through time together town travel tree true turn
under until upon usual valley value very village visit voice wait walk wall want war warm watch water
way week weather well west while white whole why wide wife will wind winter wish within without woman
wonder wood word work world would write wrong year young`.split(/\s+/);

/**
 * Plain words that follow from a job's nonce: nothing of it was in any prompt before, from its first
 * word on, so that no cache of prompts helps.
 * @param tokens about so many
 */
export function probeText(nonce: Uint8Array, tokens: number): string {
  const draw = new Draw(nonce), words: string[] = [];
  const count = Math.max(1, Math.round(tokens / TOKENS_A_WORD));
  let isFirst = true;
  for (let i = 0; i < count; i++) {
    const word = WORDS[draw.between(0, WORDS.length - 1)]!;
    const isEnd = draw.between(0, 9) === 0 || i === count - 1;
    words.push(`${isFirst ? word[0]!.toUpperCase() + word.slice(1) : word}${isEnd ? '.' : ''}`);
    isFirst = isEnd;
  }
  return words.join(' ');
}
