// Philox4x32-10, and the dropout factors of 32 neighbouring columns: eight counters side by side. Internal to CKernels.
#ifndef CK_DROPOUT_H
#define CK_DROPOUT_H

#include "ckernels.h"
#include "dispatch.h"

// Ten rounds over `lanes` counters, word w of counter i in x[w][i].
CK_BODY void ck_philox_rounds(uint32_t (*x)[8], const int lanes, uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
        for (int i = 0; i < lanes; i++) {
            uint64_t a = (uint64_t)0xD2511F53u * x[0][i], b = (uint64_t)0xCD9E8D57u * x[2][i];
            uint32_t y0 = (uint32_t)(b >> 32) ^ x[1][i] ^ k0, y2 = (uint32_t)(a >> 32) ^ x[3][i] ^ k1;
            x[0][i] = y0, x[1][i] = (uint32_t)b, x[2][i] = y2, x[3][i] = (uint32_t)a;
        }
}

// factors[4i + j] for counter block + i, word j: 0 with the probability, else 1 / (1 − probability).
CK_BODY void ck_dropout_factors(const struct ck_dropout *d, size_t row, size_t block, float factors[32]) {
    uint32_t x[4][8];
    for (int i = 0; i < 8; i++) {
        x[0][i] = (uint32_t)(block + (size_t)i) | d->site << 20;
        x[1][i] = (uint32_t)row;
        x[2][i] = d->step[0];
        x[3][i] = d->step[1];
    }
    ck_philox_rounds(x, 8, d->key[0], d->key[1]);
    uint32_t threshold = (uint32_t)((double)d->probability * 4294967296.0);
    float keep = 1.0f / (1.0f - d->probability);
    for (int i = 0; i < 8; i++)
        for (int word = 0; word < 4; word++) factors[4 * i + word] = x[word][i] >= threshold ? keep : 0;
}

#endif
