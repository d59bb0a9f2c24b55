// exp, erf and GELU without libm calls: a scalar erff takes 58 ns, a transformer layer needs millions.
#include "ckernels.h"
#include "dispatch.h"
#include "erf.h"

#include <math.h>

static inline float erf_portable(float x) {
    if (x != x) return x;
    float y = fminf(fmaxf(x, -CK_ERF_LIMIT), CK_ERF_LIMIT), t = y * y;
    float p = erf_p[5], q = erf_q[5];
    for (int i = 4; i >= 0; i--) {
        p = p * t + erf_p[i];
        q = q * t + erf_q[i];
    }
    return fminf(fmaxf(y * p / q, -1.0f), 1.0f);
}

static inline float gelu_portable(float x) { return 0.5f * x * (1.0f + erf_portable(x * CK_INVERSE_SQRT2)); }

#if CK_X86
// The tail goes through the same vector code, so an element's result does not depend on its index.
#define CK_MAP_AVX2(x, count, function)                                                                                \
    do {                                                                                                               \
        size_t i = 0;                                                                                                  \
        for (; i + 8 <= (count); i += 8) _mm256_storeu_ps((x) + i, function(_mm256_loadu_ps((x) + i)));                \
        if (i < (count)) {                                                                                             \
            float tail[8] = {0};                                                                                       \
            for (size_t j = i; j < (count); j++) tail[j - i] = (x)[j];                                                 \
            _mm256_storeu_ps(tail, function(_mm256_loadu_ps(tail)));                                                   \
            for (size_t j = i; j < (count); j++) (x)[j] = tail[j - i];                                                 \
        }                                                                                                              \
    } while (0)

CK_AVX2 static void ck_gelu_avx2(float *x, size_t count) { CK_MAP_AVX2(x, count, gelu_vector_avx2); }
CK_AVX2 static void ck_erf_avx2(float *x, size_t count) { CK_MAP_AVX2(x, count, erf_avx2); }

CK_AVX2 static void ck_exp_avx2(float *x, size_t count) { CK_MAP_AVX2(x, count, exp_avx2); }

// gelu(z) and gelu'(z) = Φ(z) + z φ(z) share erf and the exponential.
CK_AVX2 static inline void gelu_backward_vector_avx2(__m256 z, __m256 gradient, __m256 *value, __m256 *out) {
    __m256 half = _mm256_set1_ps(0.5f), one = _mm256_set1_ps(1.0f);
    __m256 scaled = _mm256_mul_ps(z, _mm256_set1_ps(CK_INVERSE_SQRT2));
    __m256 cumulative = _mm256_mul_ps(half, _mm256_add_ps(one, erf_avx2(scaled)));
    __m256 density = _mm256_mul_ps(exp_avx2(_mm256_mul_ps(_mm256_mul_ps(z, z), _mm256_set1_ps(-0.5f))),
                                   _mm256_set1_ps(CK_INVERSE_SQRT_2PI));
    *value = gelu_vector_avx2(z);
    *out = _mm256_mul_ps(gradient, _mm256_fmadd_ps(z, density, cumulative));
}

CK_AVX2 static void ck_gelu_backward_avx2(const float *z, const float *gradient, float *out, float *value,
                                          size_t count) {
    size_t i = 0;
    __m256 v, d;
    for (; i + 8 <= count; i += 8) {
        gelu_backward_vector_avx2(_mm256_loadu_ps(z + i), _mm256_loadu_ps(gradient + i), &v, &d);
        _mm256_storeu_ps(out + i, d);
        _mm256_storeu_ps(value + i, v);
    }
    if (i == count) return;
    float tail[2][8] = {{0}}, results[2][8];
    for (size_t j = i; j < count; j++) tail[0][j - i] = z[j], tail[1][j - i] = gradient[j];
    gelu_backward_vector_avx2(_mm256_loadu_ps(tail[0]), _mm256_loadu_ps(tail[1]), &v, &d);
    _mm256_storeu_ps(results[0], d);
    _mm256_storeu_ps(results[1], v);
    for (size_t j = i; j < count; j++) out[j] = results[0][j - i], value[j] = results[1][j - i];
}
#endif

static void ck_gelu_backward_portable(const float *z, const float *gradient, float *out, float *value, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float x = z[i], cumulative = 0.5f * (1.0f + erf_portable(x * CK_INVERSE_SQRT2));
        float density = expf(fmaxf(-0.5f * x * x, -87.3f)) * CK_INVERSE_SQRT_2PI;
        out[i] = gradient[i] * (cumulative + x * density);
        value[i] = gelu_portable(x);
    }
}
CK_DISPATCH(ck_gelu_backward, (const float *z, const float *gradient, float *out, float *value, size_t count),
            (z, gradient, out, value, count))

static void ck_gelu_portable(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = gelu_portable(x[i]);
}
CK_DISPATCH(ck_gelu, (float *x, size_t count), (x, count))

static void ck_erf_portable(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = erf_portable(x[i]);
}
CK_DISPATCH(ck_erf, (float *x, size_t count), (x, count))

static void ck_exp_portable(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = expf(fminf(fmaxf(x[i], -87.3f), 88.3f));
}
CK_DISPATCH(ck_exp, (float *x, size_t count), (x, count))

// GELU's tanh form and SiLU are x σ(y) with y = 2√(2/π)(x + 0.044715 x³) or x; ½(1 + tanh u) = σ(2u). In pieces, so
// that the exponentials of a piece are one call.
enum { PIECE = 64 };
#define CK_TANH_SLOPE 1.5957691216057308f
#define CK_TANH_CUBE 0.044715f

CK_BODY void gated_pieces(const float *z, const float *gradient, float *out, float *value, size_t count, int is_tanh) {
    float e[PIECE];
    for (size_t start = 0; start < count; start += PIECE) {
        size_t n = count - start < PIECE ? count - start : PIECE;
        const float *x = z + start;
        for (size_t i = 0; i < n; i++)
            e[i] = is_tanh ? -CK_TANH_SLOPE * (x[i] + CK_TANH_CUBE * x[i] * x[i] * x[i]) : -x[i];
        ck_exp(e, n);
        for (size_t i = 0; i < n; i++) {
            float s = 1.0f / (1.0f + e[i]), v = x[i];
            if (gradient) {
                float slope = is_tanh ? CK_TANH_SLOPE * (1.0f + 3.0f * CK_TANH_CUBE * v * v) : 1.0f;
                out[start + i] = gradient[start + i] * (s + v * s * (1.0f - s) * slope);
            }
            // NaN stays: the exponential is kept within its range.
            value[start + i] = v != v ? v : v * s;
        }
    }
}
CK_BODY void ck_gelu_tanh_body(float *x, size_t count) { gated_pieces(x, NULL, NULL, x, count, 1); }
CK_DISPATCH_BODY(ck_gelu_tanh, (float *x, size_t count), (x, count))
CK_BODY void ck_gelu_tanh_backward_body(const float *z, const float *gradient, float *out, float *value, size_t count) {
    gated_pieces(z, gradient, out, value, count, 1);
}
CK_DISPATCH_BODY(ck_gelu_tanh_backward,
                 (const float *z, const float *gradient, float *out, float *value, size_t count),
                 (z, gradient, out, value, count))
CK_BODY void ck_silu_body(float *x, size_t count) { gated_pieces(x, NULL, NULL, x, count, 0); }
CK_DISPATCH_BODY(ck_silu, (float *x, size_t count), (x, count))
CK_BODY void ck_silu_backward_body(const float *z, const float *gradient, float *out, float *value, size_t count) {
    gated_pieces(z, gradient, out, value, count, 0);
}
CK_DISPATCH_BODY(ck_silu_backward,
                 (const float *z, const float *gradient, float *out, float *value, size_t count),
                 (z, gradient, out, value, count))

CK_BODY void ck_relu_body(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] > 0 ? x[i] : (x[i] != x[i] ? x[i] : 0);
}
CK_DISPATCH_BODY(ck_relu, (float *x, size_t count), (x, count))

CK_BODY void ck_relu_backward_body(const float *value, float *gradient, size_t count) {
    for (size_t i = 0; i < count; i++) gradient[i] = value[i] > 0 ? gradient[i] : 0;
}
CK_DISPATCH_BODY(ck_relu_backward, (const float *value, float *gradient, size_t count), (value, gradient, count))
