// Counter-based dropout: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
#include "ckernels.h"
#include "dropout.h"

#include <string.h>

void ck_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) {
    uint32_t x[4], k0 = key[0], k1 = key[1];
    memcpy(x, counter, sizeof x);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
        uint64_t a = (uint64_t)0xD2511F53u * x[0], b = (uint64_t)0xCD9E8D57u * x[2];
        uint32_t y0 = (uint32_t)(b >> 32) ^ x[1] ^ k0, y2 = (uint32_t)(a >> 32) ^ x[3] ^ k1;
        x[0] = y0, x[1] = (uint32_t)b, x[2] = y2, x[3] = (uint32_t)a;
    }
    memcpy(out, x, sizeof x);
}

CK_BODY void dropout_rows_body(const struct ck_dropout *dropout, float *x, size_t first_row, size_t M, size_t C) {
    float factors[32];
    for (size_t r = 0; r < M; r++)
        for (size_t i = 0; i < C; i += 32) {
            size_t width = C - i < 32 ? C - i : 32;
            ck_dropout_factors(dropout, first_row + r, i / 4, factors);
            for (size_t j = 0; j < width; j++) x[r * C + i + j] *= factors[j];
        }
}
CK_DEFINE_TWICE(dropout_rows, (const struct ck_dropout *dropout, float *x, size_t first_row, size_t M, size_t C),
                (dropout, x, first_row, M, C))

void ck_dropout_rows(const struct ck_dropout *dropout, float *x, size_t first_row, size_t M, size_t C) {
    dropout_rows(dropout, x, first_row, M, C);
}
