// erf, exp and GELU on eight floats, shared by activation.c and the epilogue of gemm.c. Internal to CKernels.
#ifndef CK_ERF_H
#define CK_ERF_H

#include "dispatch.h"

// erf(x) = x · P(x²) / Q(x²) on |x| ≤ 3.925, where erf rounds to 1 − 3e-8 in float. Coefficients: weighted
// least-squares fit (Lawson iteration) at 600 Chebyshev points in double, relative error 2e-8 before rounding.
#define CK_ERF_LIMIT 3.925f
#define CK_INVERSE_SQRT2 0.70710678118654752440f
#define CK_INVERSE_SQRT_2PI 0.39894228040143267794f

static const float erf_p[6] = {1.1283791065216064f,    0.19059635698795319f,   0.052769649773836136f,
                               0.0037726652808487415f, 0.00028484672657214105f, 2.046014515144634e-06f};
static const float erf_q[6] = {1.0f,
                               0.5022443532943726f,
                               0.11418380588293076f,
                               0.014983425848186016f,
                               0.00116388697642833f,
                               3.80478122679051e-05f};

#if CK_X86
CK_AVX2 static inline __m256 erf_avx2(__m256 x) {
    __m256 limit = _mm256_set1_ps(CK_ERF_LIMIT);
    // min/max return the second operand for NaN: x second keeps NaN visible.
    __m256 y = _mm256_max_ps(_mm256_sub_ps(_mm256_setzero_ps(), limit), _mm256_min_ps(limit, x));
    __m256 t = _mm256_mul_ps(y, y), p = _mm256_set1_ps(erf_p[5]), q = _mm256_set1_ps(erf_q[5]);
#pragma clang loop unroll(full)
    for (int i = 4; i >= 0; i--) {
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(erf_p[i]));
        q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(erf_q[i]));
    }
    __m256 one = _mm256_set1_ps(1.0f), r = _mm256_div_ps(_mm256_mul_ps(y, p), q);
    return _mm256_max_ps(_mm256_set1_ps(-1.0f), _mm256_min_ps(one, r));
}

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

CK_AVX2 static inline __m256 gelu_vector_avx2(__m256 x) {
    __m256 e = erf_avx2(_mm256_mul_ps(x, _mm256_set1_ps(CK_INVERSE_SQRT2)));
    return _mm256_mul_ps(_mm256_mul_ps(_mm256_set1_ps(0.5f), x), _mm256_add_ps(_mm256_set1_ps(1.0f), e));
}
#endif

#endif
