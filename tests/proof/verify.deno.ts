// Reads a receipt on stdin and prints the verdict: shows that it needs no permission but reading
// its own modules.
import { verifyReceipt } from '../../feeds/proof/mod.ts';

console.log(JSON.stringify(await verifyReceipt(await new Response(Deno.stdin.readable).text())));
