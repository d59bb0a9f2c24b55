// Layer norm with its backward, lengths of rows.
#include "ckernels.h"
#include "lanes.h"

#include <math.h>

static void layer_norm_row_portable(const float *x, const float *residual, const float *gamma, const float *beta,
                                    float epsilon, float *sums, float *statistics, float *out, size_t C) {
    float sum[8] = {0};
    for (size_t i = 0; i < C; i++) {
        float v = residual ? x[i] + residual[i] : x[i];
        sums[i] = v;
        sum[i & 7] += v;
    }
    float mean = 0;
    for (int i = 0; i < 8; i++) mean += sum[i];
    mean /= (float)C;
    float squares[8] = {0};
    for (size_t i = 0; i < C; i++) {
        float d = sums[i] - mean;
        squares[i & 7] += d * d;
    }
    float variance = 0;
    for (int i = 0; i < 8; i++) variance += squares[i];
    float scale = 1.0f / sqrtf(variance / (float)C + epsilon);
    if (statistics) statistics[0] = mean, statistics[1] = scale;
    for (size_t i = 0; i < C; i++) out[i] = (sums[i] - mean) * scale * gamma[i] + beta[i];
}

#if CK_X86
CK_AVX2 static inline float horizontal_sum(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

CK_AVX2 static void layer_norm_row_avx2(const float *x, const float *residual, const float *gamma, const float *beta,
                                        float epsilon, float *sums, float *statistics, float *out, size_t C) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0;
    for (size_t i = 0; i < C; i += 16) {
        __m256 a = _mm256_loadu_ps(x + i), b = _mm256_loadu_ps(x + i + 8);
        if (residual) {
            a = _mm256_add_ps(a, _mm256_loadu_ps(residual + i));
            b = _mm256_add_ps(b, _mm256_loadu_ps(residual + i + 8));
        }
        _mm256_storeu_ps(sums + i, a);
        _mm256_storeu_ps(sums + i + 8, b);
        s0 = _mm256_add_ps(s0, a);
        s1 = _mm256_add_ps(s1, b);
    }
    float mean = horizontal_sum(_mm256_add_ps(s0, s1)) / (float)C;
    __m256 m = _mm256_set1_ps(mean);
    s0 = s1 = _mm256_setzero_ps();
    for (size_t i = 0; i < C; i += 16) {
        __m256 a = _mm256_sub_ps(_mm256_loadu_ps(sums + i), m), b = _mm256_sub_ps(_mm256_loadu_ps(sums + i + 8), m);
        s0 = _mm256_fmadd_ps(a, a, s0);
        s1 = _mm256_fmadd_ps(b, b, s1);
    }
    float variance = horizontal_sum(_mm256_add_ps(s0, s1)) / (float)C;
    float inverse = 1.0f / sqrtf(variance + epsilon);
    if (statistics) statistics[0] = mean, statistics[1] = inverse;
    __m256 scale = _mm256_set1_ps(inverse);
    for (size_t i = 0; i < C; i += 8) {
        __m256 a = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(sums + i), m), scale);
        _mm256_storeu_ps(out + i, _mm256_fmadd_ps(a, _mm256_loadu_ps(gamma + i), _mm256_loadu_ps(beta + i)));
    }
}
#endif

void ck_layer_norm_forward(const float *x, const float *residual, const float *gamma, const float *beta, float epsilon,
                           float *sums, float *statistics, float *out, size_t M, size_t C) {
    for (size_t r = 0; r < M; r++) {
        const float *row = x + r * C, *other = residual ? residual + r * C : NULL;
        float *kept = statistics ? statistics + 2 * r : NULL;
#if CK_X86
        if (ck_use_avx2() && C % 16 == 0) {
            layer_norm_row_avx2(row, other, gamma, beta, epsilon, sums + r * C, kept, out + r * C, C);
            continue;
        }
#endif
        layer_norm_row_portable(row, other, gamma, beta, epsilon, sums + r * C, kept, out + r * C, C);
    }
}

// With x̂ = (s − mean) / σ and g = dout · gamma: ds = (g − mean(g) − x̂ · mean(g · x̂)) / σ.
CK_BODY void ck_layer_norm_backward_body(const float *dout, const float *sums, const float *statistics,
                                          const float *gamma,
                                      float *dsums, float *restrict dgamma, float *restrict dbeta, size_t M, size_t C) {
    for (size_t r = 0; r < M; r++) {
        const float *d = dout + r * C, *s = sums + r * C;
        float *out = dsums + r * C, mean = statistics[2 * r], inverse = statistics[2 * r + 1];
        float total[8] = {0}, aligned[8] = {0};
        size_t i = 0;
        for (; i + 8 <= C; i += 8)
            for (int j = 0; j < 8; j++) {
                float g = d[i + j] * gamma[i + j];
                total[j] += g;
                aligned[j] += g * ((s[i + j] - mean) * inverse);
            }
        for (int j = 0; i < C; i++, j++) {
            float g = d[i] * gamma[i];
            total[j] += g;
            aligned[j] += g * ((s[i] - mean) * inverse);
        }
        float a = ck_sum_of_eight(total) / (float)C, b = ck_sum_of_eight(aligned) / (float)C;
        if (dgamma)
            for (size_t k = 0; k < C; k++) {
                dgamma[k] += d[k] * ((s[k] - mean) * inverse);
                dbeta[k] += d[k];
            }
        for (size_t k = 0; k < C; k++) {
            float normal = (s[k] - mean) * inverse;
            out[k] = (d[k] * gamma[k] - a - normal * b) * inverse;
        }
    }
}
CK_DISPATCH_BODY(ck_layer_norm_backward,
                 (const float *dout, const float *sums, const float *statistics, const float *gamma, float *dsums,
                  float *dgamma, float *dbeta, size_t M, size_t C),
                 (dout, sums, statistics, gamma, dsums, dgamma, dbeta, M, C))

typedef float four_floats __attribute__((vector_size(16), aligned(4), may_alias));
typedef double four_doubles __attribute__((vector_size(32), aligned(8)));

// Rows whose sums are in flight together: one row's additions wait for each other.
enum { L2_ROWS = 4 };

// By address: a vector of this width is no argument for processors without AVX.
CK_BODY double squared_length(const four_doubles *whole, const float *row, size_t from, size_t C) {
    four_doubles sums = *whole;
    for (size_t i = from; i < C; i++) sums[i & 3] += (double)row[i] * row[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Value i of a row is added to sum i mod 4, whatever the processor: the bits are the same everywhere.
CK_BODY void l2_normalize_body(float *x, size_t M, size_t C, size_t *first_bad) {
    const size_t whole = C & ~(size_t)3;
    for (size_t r = 0; r < M; r += L2_ROWS) {
        const size_t rows = M - r < L2_ROWS ? M - r : L2_ROWS;
        double squares[L2_ROWS];
        if (rows == L2_ROWS) {
            const float *row = x + r * C;
            four_doubles a = {0}, b = {0}, c = {0}, d = {0};
            for (size_t i = 0; i < whole; i += 4) {
                four_doubles p = __builtin_convertvector(*(const four_floats *)(row + i), four_doubles);
                four_doubles q = __builtin_convertvector(*(const four_floats *)(row + C + i), four_doubles);
                four_doubles s = __builtin_convertvector(*(const four_floats *)(row + 2 * C + i), four_doubles);
                four_doubles t = __builtin_convertvector(*(const four_floats *)(row + 3 * C + i), four_doubles);
                a += p * p;
                b += q * q;
                c += s * s;
                d += t * t;
            }
            squares[0] = squared_length(&a, row, whole, C);
            squares[1] = squared_length(&b, row + C, whole, C);
            squares[2] = squared_length(&c, row + 2 * C, whole, C);
            squares[3] = squared_length(&d, row + 3 * C, whole, C);
        } else {
            for (size_t k = 0; k < rows; k++) squares[k] = squared_length(&(four_doubles){0}, x + (r + k) * C, 0, C);
        }
        for (size_t k = 0; k < rows; k++) {
            float *row = x + (r + k) * C;
            double length = sqrt(squares[k]);
            if (!(length > 0) || isinf(length)) {
                *first_bad = r + k;
                return;
            }
            double scale = 1.0 / length;
            for (size_t i = 0; i < C; i++) row[i] = (float)(row[i] * scale);
        }
    }
    *first_bad = M;
}
static void l2_normalize(float *x, size_t M, size_t C, size_t *first_bad);
CK_DISPATCH_BODY(l2_normalize, (float *x, size_t M, size_t C, size_t *first_bad), (x, M, C, first_bad))

size_t ck_l2_normalize(float *x, size_t M, size_t C) {
    size_t first_bad;
    l2_normalize(x, M, C, &first_bad);
    return first_bad;
}

int ck_all_finite(const float *x, size_t count) {
    // A float is not finite when its exponent bits are all ones.
    const uint32_t *bits = (const uint32_t *)x;
    uint32_t bad = 0;
    for (size_t i = 0; i < count; i++) bad |= (bits[i] & 0x7f800000u) == 0x7f800000u;
    return bad == 0;
}
