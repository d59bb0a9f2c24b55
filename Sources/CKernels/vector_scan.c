// Inner products of one query with every stored row, on the codes as they lie in a layer file (any alignment).
// A row's score depends on its codes and the query alone: every row takes the same path, so equal rows tie exactly.
#include "ckernels.h"
#include "dispatch.h"

#include <string.h>

// Rows are decoded in pieces of this many elements by the portable path.
enum { PIECE = 256 };

// Eight partial sums, so that the compiler may use whatever vectors the baseline has.
static void portable_accumulate(const float *a, const float *b, size_t count, float sums[8]) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t j = 0; j < 8; j++) sums[j] += a[i + j] * b[i + j];
    for (; i < count; i++) sums[0] += a[i] * b[i];
}

static float portable_total(const float sums[8]) {
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

#if CK_X86
CK_AVX2 static inline float total_avx2(__m256 a, __m256 b, __m256 c, __m256 d) {
    __m256 s = _mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d));
    __m128 h = _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
    h = _mm_add_ps(h, _mm_movehl_ps(h, h));
    h = _mm_add_ss(h, _mm_shuffle_ps(h, h, 1));
    return _mm_cvtss_f32(h);
}

// LOAD(i) gives elements i … i+7 of the row as floats, LAST(i) element i alone.
#define CK_SCAN_ROW(QUERY, LOAD, LAST)                                                                                 \
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;                                                               \
    size_t i = 0;                                                                                                      \
    for (; i + 32 <= dimension; i += 32) {                                                                             \
        a = _mm256_fmadd_ps(LOAD(i), _mm256_loadu_ps(QUERY + i), a);                                                   \
        b = _mm256_fmadd_ps(LOAD(i + 8), _mm256_loadu_ps(QUERY + i + 8), b);                                           \
        c = _mm256_fmadd_ps(LOAD(i + 16), _mm256_loadu_ps(QUERY + i + 16), c);                                         \
        d = _mm256_fmadd_ps(LOAD(i + 24), _mm256_loadu_ps(QUERY + i + 24), d);                                         \
    }                                                                                                                  \
    for (; i + 8 <= dimension; i += 8) a = _mm256_fmadd_ps(LOAD(i), _mm256_loadu_ps(QUERY + i), a);                    \
    float score = total_avx2(a, b, c, d);                                                                              \
    for (; i < dimension; i++) score += LAST(i) * QUERY[i];

#define HALVES(i) _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(row + 2 * (i))))
#define LAST_HALF(i) last_half(row + 2 * (i))
CK_AVX2 static inline float last_half(const unsigned char *bytes) {
    uint16_t half;
    memcpy(&half, bytes, sizeof half);
    return _cvtsh_ss(half);
}
CK_AVX2 static void ck_inner_products_half_avx2(const void *codes, size_t rows, size_t dimension, const float *query,
                                              float *scores) {
    const unsigned char *bytes = codes;
    for (size_t r = 0; r < rows; r++) {
        const unsigned char *row = bytes + r * dimension * 2;
        CK_SCAN_ROW(query, HALVES, LAST_HALF)
        scores[r] = score;
    }
}

#define FLOATS(i) _mm256_loadu_ps((const float *)(const void *)(row + 4 * (i)))
#define LAST_FLOAT(i) last_float(row + 4 * (i))
CK_AVX2 static inline float last_float(const unsigned char *bytes) {
    float value;
    memcpy(&value, bytes, sizeof value);
    return value;
}
CK_AVX2 static void ck_inner_products_float_avx2(const void *codes, size_t rows, size_t dimension, const float *query,
                                              float *scores) {
    const unsigned char *bytes = codes;
    for (size_t r = 0; r < rows; r++) {
        const unsigned char *row = bytes + r * dimension * 4;
        CK_SCAN_ROW(query, FLOATS, LAST_FLOAT)
        scores[r] = score;
    }
}

#define BYTES(i) _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(row + (i)))))
#define LAST_BYTE(i) ((float)row[i])
CK_AVX2 static void ck_inner_products_byte_avx2(const void *codes, size_t rows, size_t dimension, const float *weights,
                                                float bias, float *scores) {
    const unsigned char *bytes = codes;
    for (size_t r = 0; r < rows; r++) {
        const unsigned char *row = bytes + r * dimension;
        CK_SCAN_ROW(weights, BYTES, LAST_BYTE)
        scores[r] = score + bias;
    }
}
#endif

// DECODE puts elements i … i+count-1 of the row into the piece.
#define CK_SCAN_PORTABLE(QUERY, DECODE)                                                                                \
    float piece[PIECE], sums[8] = {0};                                                                                 \
    for (size_t i = 0; i < dimension; i += PIECE) {                                                                    \
        size_t count = dimension - i < PIECE ? dimension - i : PIECE;                                                  \
        DECODE;                                                                                                        \
        portable_accumulate(piece, QUERY + i, count, sums);                                                            \
    }                                                                                                                  \
    float score = portable_total(sums);

static void ck_inner_products_half_portable(const void *codes, size_t rows, size_t dimension, const float *query,
                                            float *scores) {
    const unsigned char *bytes = codes;
    for (size_t r = 0; r < rows; r++) {
        const unsigned char *row = bytes + r * dimension * 2;
        CK_SCAN_PORTABLE(query, ck_half_to_float(row + i * 2, piece, count))
        scores[r] = score;
    }
}

static void ck_inner_products_float_portable(const void *codes, size_t rows, size_t dimension, const float *query,
                                             float *scores) {
    const unsigned char *bytes = codes;
    for (size_t r = 0; r < rows; r++) {
        const unsigned char *row = bytes + r * dimension * 4;
        CK_SCAN_PORTABLE(query, memcpy(piece, row + i * 4, count * 4))
        scores[r] = score;
    }
}

static void ck_inner_products_byte_portable(const void *codes, size_t rows, size_t dimension, const float *weights,
                                            float bias, float *scores) {
    const unsigned char *bytes = codes;
    for (size_t r = 0; r < rows; r++) {
        const unsigned char *row = bytes + r * dimension;
        CK_SCAN_PORTABLE(weights, for (size_t j = 0; j < count; j++) piece[j] = (float)row[i + j])
        scores[r] = score + bias;
    }
}

CK_DISPATCH(ck_inner_products_half,
            (const void *codes, size_t rows, size_t dimension, const float *query, float *scores),
            (codes, rows, dimension, query, scores))
CK_DISPATCH(ck_inner_products_float,
            (const void *codes, size_t rows, size_t dimension, const float *query, float *scores),
            (codes, rows, dimension, query, scores))
CK_DISPATCH(ck_inner_products_byte,
            (const void *codes, size_t rows, size_t dimension, const float *weights, float bias, float *scores),
            (codes, rows, dimension, weights, bias, scores))
