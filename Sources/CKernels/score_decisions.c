// What products of rounded rows decide, and the float32 products of what they leave open: docs/scores.md, "Fewer exact
// products".
#include "ckernels.h"
#include "dispatch.h"

#include <math.h>

enum { LANES = 16 }; // of a register of AVX-512

// How far candidate i's score is from the level, and how far it may be from that.
static inline float estimate_difference(const struct ck_candidates *candidates, const struct ck_level *level,
                                        int32_t product, size_t i) {
    return level->scale * candidates->scale[i] * (float)product + candidates->offset[i] - level->level;
}

static inline float estimate_bound(const struct ck_candidates *candidates, const struct ck_level *level, size_t i) {
    return level->error * candidates->length[i] + level->length * candidates->error[i] + level->slack;
}

// Candidates from `first` on, one at a time.
static size_t decide_each(const int32_t *products, const struct ck_candidates *candidates, size_t first, size_t count,
                          const struct ck_level *level, uint32_t *above, uint32_t *undecided, size_t found) {
    for (size_t i = first; i < count; i++) {
        float difference = estimate_difference(candidates, level, products[i], i);
        float bound = estimate_bound(candidates, level, i);
        *above += difference > bound;
        if (fabsf(difference) <= bound) undecided[found++] = (uint32_t)i;
    }
    return found;
}

static size_t ck_decide_portable(const int32_t *products, const struct ck_candidates *candidates, size_t count,
                                 const struct ck_level *level, uint32_t *above, uint32_t *undecided) {
    return decide_each(products, candidates, 0, count, level, above, undecided, 0);
}

#if CK_X86
CK_AVX2 static size_t ck_decide_avx2(const int32_t *products, const struct ck_candidates *candidates, size_t count,
                                     const struct ck_level *level, uint32_t *above, uint32_t *undecided) {
    const __m256 scale = _mm256_set1_ps(level->scale), wanted = _mm256_set1_ps(level->level);
    const __m256 error = _mm256_set1_ps(level->error), length = _mm256_set1_ps(level->length);
    const __m256 slack = _mm256_set1_ps(level->slack), sign = _mm256_set1_ps(-0.0f);
    size_t found = 0, i = 0;
    uint32_t sum = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 product = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(products + i)));
        __m256 factor = _mm256_mul_ps(scale, _mm256_loadu_ps(candidates->scale + i));
        __m256 difference = _mm256_sub_ps(
            _mm256_add_ps(_mm256_mul_ps(factor, product), _mm256_loadu_ps(candidates->offset + i)), wanted);
        __m256 bound = _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(error, _mm256_loadu_ps(candidates->length + i)),
                                                   _mm256_mul_ps(length, _mm256_loadu_ps(candidates->error + i))),
                                     slack);
        sum += (uint32_t)__builtin_popcount(
            (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(difference, bound, _CMP_GT_OQ)));
        unsigned open =
            (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_andnot_ps(sign, difference), bound, _CMP_LE_OQ));
        for (; open != 0; open &= open - 1) undecided[found++] = (uint32_t)i + (uint32_t)__builtin_ctz(open);
    }
    *above += sum;
    return decide_each(products, candidates, i, count, level, above, undecided, found);
}

CK_AVX512 static size_t ck_decide_avx512(const int32_t *products, const struct ck_candidates *candidates, size_t count,
                                         const struct ck_level *level, uint32_t *above, uint32_t *undecided) {
    const __m512 scale = _mm512_set1_ps(level->scale), wanted = _mm512_set1_ps(level->level);
    const __m512 error = _mm512_set1_ps(level->error), length = _mm512_set1_ps(level->length);
    const __m512 slack = _mm512_set1_ps(level->slack);
    __m512i places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    size_t found = 0, i = 0;
    uint32_t sum = 0;
    for (; i + LANES <= count; i += LANES) {
        __m512 product = _mm512_cvtepi32_ps(_mm512_loadu_si512(products + i));
        __m512 factor = _mm512_mul_ps(scale, _mm512_loadu_ps(candidates->scale + i));
        __m512 difference = _mm512_sub_ps(
            _mm512_add_ps(_mm512_mul_ps(factor, product), _mm512_loadu_ps(candidates->offset + i)), wanted);
        __m512 bound = _mm512_add_ps(_mm512_add_ps(_mm512_mul_ps(error, _mm512_loadu_ps(candidates->length + i)),
                                                   _mm512_mul_ps(length, _mm512_loadu_ps(candidates->error + i))),
                                     slack);
        sum += (uint32_t)__builtin_popcount(_mm512_cmp_ps_mask(difference, bound, _CMP_GT_OQ));
        __mmask16 open = _mm512_cmp_ps_mask(_mm512_abs_ps(difference), bound, _CMP_LE_OQ);
        // Without a branch: which candidates are undecided cannot be foretold.
        _mm512_storeu_si512(undecided + found, _mm512_maskz_compress_epi32(open, places));
        found += (size_t)__builtin_popcount(open);
        places = _mm512_add_epi32(places, _mm512_set1_epi32(LANES));
    }
    *above += sum;
    return decide_each(products, candidates, i, count, level, above, undecided, found);
}
#endif

size_t ck_decide(const int32_t *products, const struct ck_candidates *candidates, size_t count,
                 const struct ck_level *level, uint32_t *above, uint32_t *undecided) {
#if CK_X86
    if (ck_use_avx512()) return ck_decide_avx512(products, candidates, count, level, above, undecided);
    if (ck_use_avx2()) return ck_decide_avx2(products, candidates, count, level, above, undecided);
#endif
    return ck_decide_portable(products, candidates, count, level, above, undecided);
}

// Products of one row with several. The order of their sums does not matter: what they are for allows for any.
CK_BODY void ck_row_products_body(const float *a, const float *b, size_t ldb, const uint32_t *rows, size_t count,
                                  size_t K, float *out) {
    for (size_t i = 0; i < count; i++) {
        const float *row = b + (size_t)rows[i] * ldb;
        float sums[32] = {0};
        size_t k = 0;
        for (; k + 32 <= K; k += 32)
            for (size_t j = 0; j < 32; j++) sums[j] += a[k + j] * row[k + j];
        for (size_t j = 0; k < K; k++, j++) sums[j] += a[k] * row[k];
        for (size_t half = 16; half > 0; half /= 2)
            for (size_t j = 0; j < half; j++) sums[j] += sums[j + half];
        out[i] = sums[0];
    }
}
static void ck_row_products_portable(const float *a, const float *b, size_t ldb, const uint32_t *rows, size_t count,
                                     size_t K, float *out) {
    ck_row_products_body(a, b, ldb, rows, count, K, out);
}
#if CK_X86
CK_AVX2 static void ck_row_products_avx2(const float *a, const float *b, size_t ldb, const uint32_t *rows,
                                         size_t count, size_t K, float *out) {
    ck_row_products_body(a, b, ldb, rows, count, K, out);
}

// Four rows at a time: they wait for memory together.
CK_AVX512 static void ck_row_products_avx512(const float *a, const float *b, size_t ldb, const uint32_t *rows,
                                             size_t count, size_t K, float *out) {
    for (size_t i = 0; i < count; i += 4) {
        const float *row[4];
        for (size_t j = 0; j < 4; j++) row[j] = b + (size_t)rows[i + j < count ? i + j : i] * ldb;
        __m512 s[4][2];
#pragma clang loop unroll(full)
        for (int j = 0; j < 4; j++) s[j][0] = s[j][1] = _mm512_setzero_ps();
        size_t k = 0;
        for (; k + 32 <= K; k += 32) {
            __m512 x = _mm512_loadu_ps(a + k), y = _mm512_loadu_ps(a + k + 16);
#pragma clang loop unroll(full)
            for (int j = 0; j < 4; j++) {
                s[j][0] = _mm512_fmadd_ps(x, _mm512_loadu_ps(row[j] + k), s[j][0]);
                s[j][1] = _mm512_fmadd_ps(y, _mm512_loadu_ps(row[j] + k + 16), s[j][1]);
            }
        }
        for (; k < K; k += 16) {
            __mmask16 rest = (__mmask16)(K - k < 16 ? (1u << (K - k)) - 1 : 0xFFFF);
            __m512 x = _mm512_maskz_loadu_ps(rest, a + k);
#pragma clang loop unroll(full)
            for (int j = 0; j < 4; j++)
                s[j][0] = _mm512_fmadd_ps(x, _mm512_maskz_loadu_ps(rest, row[j] + k), s[j][0]);
        }
        for (size_t j = 0; j < 4 && i + j < count; j++)
            out[i + j] = _mm512_reduce_add_ps(_mm512_add_ps(s[j][0], s[j][1]));
    }
}
#endif

void ck_row_products(const float *a, const float *b, size_t ldb, const uint32_t *rows, size_t count, size_t K,
                     float *out) {
#if CK_X86
    if (ck_use_avx512()) {
        ck_row_products_avx512(a, b, ldb, rows, count, K, out);
        return;
    }
    if (ck_use_avx2()) {
        ck_row_products_avx2(a, b, ldb, rows, count, K, out);
        return;
    }
#endif
    ck_row_products_portable(a, b, ldb, rows, count, K, out);
}

// The chain of ck_gemm for eight rows at once: eight sums hide the latency of each.
#define CHAIN_OF_EIGHT(multiply_add)                                                                                   \
    for (size_t first = 0; first < count; first += 8) {                                                                \
        const float *row[8];                                                                                           \
        float total[8];                                                                                                \
        for (size_t j = 0; j < 8; j++) row[j] = b + (size_t)rows[first + j < count ? first + j : first] * ldb;         \
        for (size_t k0 = 0; k0 < K; k0 += CK_GEMM_KC) {                                                                \
            size_t end = K - k0 < CK_GEMM_KC ? K : k0 + CK_GEMM_KC;                                                    \
            float sum[8] = {0};                                                                                        \
            for (size_t k = k0; k < end; k++) {                                                                        \
                float x = a[k];                                                                                        \
                for (size_t j = 0; j < 8; j++) sum[j] = multiply_add(x, row[j][k], sum[j]);                            \
            }                                                                                                          \
            for (size_t j = 0; j < 8; j++) total[j] = k0 == 0 ? sum[j] : total[j] + sum[j];                            \
        }                                                                                                              \
        for (size_t j = 0; j < 8 && first + j < count; j++) out[first + j] = total[j];                                 \
    }

#if CK_X86
CK_AVX2 static void ck_chain_products_avx2(const float *a, const float *b, size_t ldb, const uint32_t *rows,
                                           size_t count, size_t K, float *out) {
    CHAIN_OF_EIGHT(__builtin_fmaf)
}
#endif

#define TWICE_ROUNDED(x, y, sum) ((sum) + (x) * (y))
static void ck_chain_products_portable(const float *a, const float *b, size_t ldb, const uint32_t *rows, size_t count,
                                       size_t K, float *out) {
    CHAIN_OF_EIGHT(TWICE_ROUNDED)
}
CK_DISPATCH(ck_chain_products,
            (const float *a, const float *b, size_t ldb, const uint32_t *rows, size_t count, size_t K, float *out),
            (a, b, ldb, rows, count, K, out))
