pragma circom 2.1.6;

include "poseidon.circom";
include "bitify.circom";

// The receipts committed under `root`, none shown, sum to `total`; each amount is in range.
//
// `leaves * perLeaf` receipts, an amount (micro-NCU) and a name (31 bytes of a hash over job and
// attempt) each, stand in one tree: `perLeaf` of them are hashed in one step to a leaf, the leaves in
// pairs up to the root. Places that no receipt takes hold zeros.
template EpochTotal(leaves, perLeaf, bits) {
    signal input root;
    signal input total;
    // Hash of network, epoch, account and place of the batch: worked out by the verifier.
    signal input context;

    signal input amounts[leaves * perLeaf];
    signal input names[leaves * perLeaf];

    // Group `range`: every amount is a whole number below 2^bits. Without it one receipt could hold
    // p - x, a negative amount, and the sum be less than what was earned.
    component range[leaves * perLeaf];
    for (var i = 0; i < leaves * perLeaf; i++) {
        range[i] = Num2Bits(bits);
        range[i].in <== amounts[i];
    }

    // Group `sum`: the total is that of all amounts. It cannot wrap: 32 * 2^53 is far below p.
    var sum = 0;
    for (var i = 0; i < leaves * perLeaf; i++) sum += amounts[i];
    total === sum;

    // Group `leaf`: each leaf is the hash of its receipts, amount then name.
    component leaf[leaves];
    for (var i = 0; i < leaves; i++) {
        leaf[i] = Poseidon(2 * perLeaf);
        for (var j = 0; j < perLeaf; j++) {
            leaf[i].inputs[2 * j] <== amounts[i * perLeaf + j];
            leaf[i].inputs[2 * j + 1] <== names[i * perLeaf + j];
        }
    }

    // Group `tree`: the leaves lead to the root, pair by pair.
    component node[leaves - 1];
    for (var i = leaves - 2; i >= 0; i--) {
        node[i] = Poseidon(2);
        for (var side = 0; side < 2; side++) {
            // Nodes are numbered from the top: those below node i are 2i + 1 and 2i + 2, leaves last.
            var below = 2 * i + 1 + side;
            if (below < leaves - 1) node[i].inputs[side] <== node[below].out;
            else node[i].inputs[side] <== leaf[below - (leaves - 1)].out;
        }
    }
    root === node[0].out;

    // Group `context`: the proof was made for this network, epoch, account and batch. A constraint of
    // its own, so that the input cannot be exchanged in a proof that exists; not its square, which
    // -context has too.
    signal bound;
    bound <== context * root;
}

component main { public [root, total, context] } = EpochTotal(4, 8, 53);
