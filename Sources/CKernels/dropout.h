// Dropout factors of 32 neighbouring columns: eight Philox counters side by side. Internal to CKernels.
#ifndef CK_DROPOUT_H
#define CK_DROPOUT_H

#include "ckernels.h"
#include "twice.h"

// factors[4i + j] for counter block + i, word j: 0 with the probability, else 1 / (1 − probability).
CK_BODY void ck_dropout_factors(const struct ck_dropout *d, size_t row, size_t block, float factors[32]) {
    uint32_t x0[8], x1[8], x2[8], x3[8], k0 = d->key[0], k1 = d->key[1];
    for (int i = 0; i < 8; i++) {
        x0[i] = (uint32_t)(block + (size_t)i) | d->site << 20;
        x1[i] = (uint32_t)row;
        x2[i] = d->step[0];
        x3[i] = d->step[1];
    }
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
        for (int i = 0; i < 8; i++) {
            uint64_t a = (uint64_t)0xD2511F53u * x0[i], b = (uint64_t)0xCD9E8D57u * x2[i];
            uint32_t y0 = (uint32_t)(b >> 32) ^ x1[i] ^ k0, y2 = (uint32_t)(a >> 32) ^ x3[i] ^ k1;
            x0[i] = y0, x1[i] = (uint32_t)b, x2[i] = y2, x3[i] = (uint32_t)a;
        }
    uint32_t threshold = (uint32_t)((double)d->probability * 4294967296.0);
    float keep = 1.0f / (1.0f - d->probability);
    for (int i = 0; i < 8; i++) {
        factors[4 * i] = x0[i] >= threshold ? keep : 0;
        factors[4 * i + 1] = x1[i] >= threshold ? keep : 0;
        factors[4 * i + 2] = x2[i] >= threshold ? keep : 0;
        factors[4 * i + 3] = x3[i] >= threshold ? keep : 0;
    }
}

#endif
