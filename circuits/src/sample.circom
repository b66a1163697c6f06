pragma circom 2.1.6;

include "poseidon.circom";

template Bits(n) {
    signal input in;
    signal bit[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        bit[i] <-- (in >> i) & 1;
        bit[i] * (bit[i] - 1) === 0;
        sum += bit[i] * (1 << i);
    }
    sum === in;
}

template UpTo(n) {
    signal input in;
    signal top <-- (in >> n) & 1;
    top * (top - 1) === 0;
    component rest = Bits(n);
    rest.in <== in - top;
}

template Position() {
    signal input leaf;
    signal input ids[6];
    signal input lead[32];
    signal input salt;
    signal input below[32];
    signal input chosen;

    component depth[32];
    for (var i = 0; i < 32; i++) {
        depth[i] = UpTo(15);
        depth[i].in <== below[i];
    }
    component hash = Poseidon(7);
    hash.inputs[0] <== salt;
    for (var w = 0; w < 6; w++) {
        var word = ids[w];
        for (var i = 0; i < 6 && 6 * w + i < 32; i++) {
            word += (below[6 * w + i] + 1) * (1 << (41 * i + 24));
        }
        hash.inputs[w + 1] <== word;
    }
    hash.out === leaf;
    signal product[32];
    product[0] <== below[0];
    for (var i = 1; i < 32; i++) product[i] <== product[i - 1] * below[i];
    product[31] === 0;
    component margin[32];
    for (var i = 0; i < 32; i++) {
        margin[i] = UpTo(16);
        margin[i].in <== below[i] - chosen + lead[i];
    }
}

template Sample(n) {
    signal input context;
    signal input leaf[n];
    signal input ids[n][6];
    signal input lead[n][32];
    signal input salt[n];
    signal input below[n][32];
    signal input chosen[n];
    signal bound <== context * context;
    component position[n];
    for (var i = 0; i < n; i++) {
        position[i] = Position();
        position[i].leaf <== leaf[i];
        position[i].ids <== ids[i];
        position[i].lead <== lead[i];
        position[i].salt <== salt[i];
        position[i].below <== below[i];
        position[i].chosen <== chosen[i];
    }
}
component main {public [context, leaf, ids, lead]} = Sample(5);
