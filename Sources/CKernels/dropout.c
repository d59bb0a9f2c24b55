// Counter-based dropout: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
#include "ckernels.h"
#include "dropout.h"

void ck_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) {
    uint32_t x[4][8];
    for (int word = 0; word < 4; word++) x[word][0] = counter[word];
    ck_philox_rounds(x, 1, key[0], key[1]);
    for (int word = 0; word < 4; word++) out[word] = x[word][0];
}

CK_BODY void ck_dropout_rows_body(const struct ck_dropout *dropout, float *x, size_t first_row, size_t M, size_t C) {
    float factors[32];
    for (size_t r = 0; r < M; r++)
        for (size_t i = 0; i < C; i += 32) {
            size_t width = C - i < 32 ? C - i : 32;
            ck_dropout_factors(dropout, first_row + r, i / 4, factors);
            for (size_t j = 0; j < width; j++) x[r * C + i + j] *= factors[j];
        }
}
CK_DISPATCH_BODY(ck_dropout_rows,
                 (const struct ck_dropout *dropout, float *x, size_t first_row, size_t M, size_t C),
                 (dropout, x, first_row, M, C))
