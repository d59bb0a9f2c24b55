// Products of rows rounded to whole numbers: docs/scores.md, "Fewer exact products".
// Sums of whole numbers are exact in any order: the portable form gives the same numbers.
#include "ckernels.h"
#include "dispatch.h"

#include <math.h>
#include <string.h>

enum {
    COLUMNS = CK_BYTE_COLUMN_TILE, // of a tile of packed rows
    LANES = 16,                    // of a register of AVX-512
    ROWS = 12,                     // rows of A at a time: 24 sums in registers
};

#if CK_X86
#define CK_VNNI __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vnni")))
static int use_vnni(void) {
    return ck_use_avx512() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
}
#else
static int use_vnni(void) { return 0; }
#endif

int ck_fast_byte_products(void) { return use_vnni(); }

size_t ck_byte_groups(size_t K) { return (K + 3) / 4; }

// Sums in sixteen lanes: their relative error is below (K / 16 + 4) · 2⁻²³, which CK_ROUNDED_MARGIN covers.
CK_BODY void round_lanes(const float *difference, const float *other, size_t n, float scale, float inverse,
                         int32_t *numbers, float lengths[16], float errors[16], float products[16]) {
    for (size_t j = 0; j < n; j++) {
        float d = difference[j], number = rintf(d * inverse);
        number = number > 127 ? 127 : number < -127 ? -127 : number;
        float e = d - scale * number;
        lengths[j] += d * d;
        errors[j] += e * e;
        products[j] += d * other[j];
        numbers[j] = (int32_t)number;
    }
}

CK_BODY void ck_round_row_body(const float *row, const float *center, const float *other, size_t K, int8_t *bytes,
                               void *scratch, struct ck_rounded *rounded) {
    float *difference = scratch;
    int32_t *numbers = (int32_t *)(difference + K);
    float largest[16] = {0};
    size_t whole = K / 16 * 16;
    for (size_t k = 0; k < whole; k += 16)
        for (size_t j = 0; j < 16; j++) {
            float d = row[k + j] - center[k + j], magnitude = fabsf(d);
            difference[k + j] = d;
            largest[j] = magnitude > largest[j] ? magnitude : largest[j];
        }
    for (size_t k = whole; k < K; k++) {
        difference[k] = row[k] - center[k];
        largest[0] = fabsf(difference[k]) > largest[0] ? fabsf(difference[k]) : largest[0];
    }
    float most = 0;
    for (size_t j = 0; j < 16; j++) most = largest[j] > most ? largest[j] : most;
    float scale = most / 127, inverse = scale > 0 ? 1 / scale : 0;
    // A number of 1e-37 has no inverse, and no share in any product that float32 could tell.
    if (!(inverse <= 3.0e38f)) scale = inverse = 0;
    float lengths[16] = {0}, errors[16] = {0}, products[16] = {0};
    for (size_t k = 0; k < whole; k += 16)
        round_lanes(difference + k, other + k, 16, scale, inverse, numbers + k, lengths, errors, products);
    round_lanes(difference + whole, other + whole, K - whole, scale, inverse, numbers + whole, lengths, errors,
                products);
    int32_t sum = 0;
    for (size_t k = 0; k < K; k++) {
        bytes[k] = (int8_t)numbers[k];
        sum += numbers[k];
    }
    for (size_t k = K; k % 4 != 0; k++) bytes[k] = 0;
    double length = 0, error = 0, product = 0;
    for (size_t j = 0; j < 16; j++) {
        length += lengths[j];
        error += errors[j];
        product += products[j];
    }
    rounded->scale = scale;
    rounded->length = (float)(sqrt(length) * CK_ROUNDED_MARGIN);
    // scale · number is rounded, and so is the difference to it: both within 2⁻²³ of the number itself.
    rounded->error = (float)((sqrt(error) + sqrt(length) * 0x1p-22) * CK_ROUNDED_MARGIN);
    rounded->product = (float)product;
    rounded->sum = sum;
}
CK_DISPATCH_BODY(ck_round_row,
                 (const float *row, const float *center, const float *other, size_t K, int8_t *bytes, void *scratch,
                  struct ck_rounded *rounded),
                 (row, center, other, K, bytes, scratch, rounded))

// Layout: for each tile of 32 rows [groups][32] of four bytes, 128 higher, which is what vpdpbusd multiplies; rows past
// the last zero.
void ck_pack_bytes(const int8_t *rows, size_t N, size_t groups, uint32_t *packed) {
    for (size_t n = 0; n < N; n += COLUMNS, packed += COLUMNS * groups) {
        size_t columns = N - n < COLUMNS ? N - n : COLUMNS;
        for (size_t j = 0; j < COLUMNS; j++)
            for (size_t g = 0; g < groups; g++) {
                uint32_t group = 0;
                if (j < columns) memcpy(&group, rows + ((n + j) * groups + g) * 4, 4);
                packed[g * COLUMNS + j] = group ^ 0x80808080u;
            }
    }
}

static void products_portable(const int8_t *a, const struct ck_rounded *rounded, size_t M, const uint32_t *b,
                              size_t groups, int32_t *c, size_t ldc) {
    for (size_t i = 0; i < M; i++, a += 4 * groups)
        for (size_t j = 0; j < COLUMNS; j++) {
            int32_t sum = -128 * rounded[i].sum;
            for (size_t g = 0; g < groups; g++) {
                uint8_t high[4];
                memcpy(high, b + g * COLUMNS + j, 4);
                for (int k = 0; k < 4; k++) sum += a[4 * g + k] * high[k];
            }
            c[i * ldc + j] = sum;
        }
}

#if CK_X86
CK_VNNI static inline __attribute__((always_inline)) void rows_vnni(const int R, const int8_t *a,
                                                                    const struct ck_rounded *rounded,
                                                                    const uint32_t *b, size_t groups, int32_t *c,
                                                                    size_t ldc) {
    __m512i s[ROWS][2];
#pragma clang loop unroll(full)
    for (int i = 0; i < R; i++) s[i][0] = s[i][1] = _mm512_set1_epi32(-128 * rounded[i].sum);
    for (size_t g = 0; g < groups; g++) {
        __m512i b0 = _mm512_loadu_si512(b), b1 = _mm512_loadu_si512(b + LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < R; i++) {
            int32_t four;
            memcpy(&four, a + ((size_t)i * groups + g) * 4, 4);
            __m512i x = _mm512_set1_epi32(four);
            s[i][0] = _mm512_dpbusd_epi32(s[i][0], b0, x);
            s[i][1] = _mm512_dpbusd_epi32(s[i][1], b1, x);
        }
        b += COLUMNS;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < R; i++) {
        _mm512_storeu_si512(c + i * ldc, s[i][0]);
        _mm512_storeu_si512(c + i * ldc + LANES, s[i][1]);
    }
}

CK_VNNI static void products_vnni(const int8_t *a, const struct ck_rounded *rounded, size_t M, const uint32_t *b,
                                  size_t groups, int32_t *c, size_t ldc) {
    size_t width = 4 * groups;
    for (; M >= ROWS; M -= ROWS, a += ROWS * width, rounded += ROWS, c += ROWS * ldc)
        rows_vnni(ROWS, a, rounded, b, groups, c, ldc);
    for (; M >= 4; M -= 4, a += 4 * width, rounded += 4, c += 4 * ldc) rows_vnni(4, a, rounded, b, groups, c, ldc);
    for (; M > 0; M--, a += width, rounded++, c += ldc) rows_vnni(1, a, rounded, b, groups, c, ldc);
}
#endif

void ck_byte_products(const int8_t *a, const struct ck_rounded *rounded, size_t M, const uint32_t *packed, size_t N,
                      size_t groups, int32_t *c, size_t ldc) {
    for (size_t n = 0; n < N; n += COLUMNS, packed += COLUMNS * groups, c += COLUMNS) {
#if CK_X86
        if (use_vnni()) {
            products_vnni(a, rounded, M, packed, groups, c, ldc);
            continue;
        }
#endif
        products_portable(a, rounded, M, packed, groups, c, ldc);
    }
}
