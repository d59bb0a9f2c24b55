// Attention of one sequence at a time: no padding, no mask, scores stay in the first-level cache.
#include "ckernels.h"
#include "dispatch.h"

#include <math.h>
#include <string.h>

static size_t padded_length(size_t T) { return (T + 7) & ~(size_t)7; }

// Keys transposed [D, T′] and one row of scores [4, T′] for four queries at a time, T′ = T rounded up to 8.
size_t ck_attention_scratch_count(size_t T, size_t D) { return (D + 4) * padded_length(T); }

static void attention_head_portable(const float *q, size_t ldq, const float *k, size_t ldk, const float *v, size_t ldv,
                                    float *out, size_t ldo, size_t rows, size_t T, size_t D, float scale, float *p) {
    for (size_t i = 0; i < rows; i++) {
        float top = -INFINITY, sum = 0;
        for (size_t j = 0; j < T; j++) {
            float s = 0;
            for (size_t d = 0; d < D; d++) s += q[i * ldq + d] * k[j * ldk + d];
            p[j] = s * scale;
            top = fmaxf(top, p[j]);
        }
        for (size_t j = 0; j < T; j++) p[j] -= top;
        ck_exp(p, T);
        for (size_t j = 0; j < T; j++) sum += p[j];
        for (size_t d = 0; d < D; d++) {
            float s = 0;
            for (size_t j = 0; j < T; j++) s += p[j] * v[j * ldv + d];
            out[i * ldo + d] = s / sum;
        }
    }
}

#if CK_X86
// Scores of four queries against eight keys at a time; D and the four queries give enough independent chains.
CK_AVX2 static void four_score_rows(const float *const q[4], const float *keys, size_t width, size_t D, float scale,
                                    float *scores) {
    for (size_t j = 0; j < width; j += 8) {
        __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
        const float *column = keys + j;
        for (size_t d = 0; d < D; d++) {
            __m256 key = _mm256_loadu_ps(column + d * width);
            s0 = _mm256_fmadd_ps(_mm256_broadcast_ss(q[0] + d), key, s0);
            s1 = _mm256_fmadd_ps(_mm256_broadcast_ss(q[1] + d), key, s1);
            s2 = _mm256_fmadd_ps(_mm256_broadcast_ss(q[2] + d), key, s2);
            s3 = _mm256_fmadd_ps(_mm256_broadcast_ss(q[3] + d), key, s3);
        }
        __m256 f = _mm256_set1_ps(scale);
        _mm256_storeu_ps(scores + j, _mm256_mul_ps(s0, f));
        _mm256_storeu_ps(scores + width + j, _mm256_mul_ps(s1, f));
        _mm256_storeu_ps(scores + 2 * width + j, _mm256_mul_ps(s2, f));
        _mm256_storeu_ps(scores + 3 * width + j, _mm256_mul_ps(s3, f));
    }
}

CK_AVX2 static void weighted_values(const float *p, const float *v, size_t ldv, size_t T, size_t D, float inverse,
                                    float *out) {
    for (size_t d = 0; d < D; d += 32) {
        size_t width = D - d < 32 ? D - d : 32;
        __m256 s[4];
        for (int c = 0; c < 4; c++) s[c] = _mm256_setzero_ps();
        if (width == 32) {
            for (size_t j = 0; j < T; j++) {
                __m256 w = _mm256_broadcast_ss(p + j);
                const float *value = v + j * ldv + d;
                s[0] = _mm256_fmadd_ps(w, _mm256_loadu_ps(value), s[0]);
                s[1] = _mm256_fmadd_ps(w, _mm256_loadu_ps(value + 8), s[1]);
                s[2] = _mm256_fmadd_ps(w, _mm256_loadu_ps(value + 16), s[2]);
                s[3] = _mm256_fmadd_ps(w, _mm256_loadu_ps(value + 24), s[3]);
            }
        } else {
            for (size_t j = 0; j < T; j++) {
                __m256 w = _mm256_broadcast_ss(p + j);
                const float *value = v + j * ldv + d;
                for (size_t c = 0; c < width / 8; c++) s[c] = _mm256_fmadd_ps(w, _mm256_loadu_ps(value + 8 * c), s[c]);
            }
        }
        __m256 f = _mm256_set1_ps(inverse);
        for (size_t c = 0; c < width / 8; c++) _mm256_storeu_ps(out + d + 8 * c, _mm256_mul_ps(s[c], f));
    }
}

CK_AVX2 static void attention_head_avx2(const float *q, size_t ldq, const float *k, size_t ldk, const float *v,
                                        size_t ldv, float *out, size_t ldo, size_t rows, size_t T, size_t D,
                                        float scale, float *scratch) {
    size_t width = padded_length(T);
    float *keys = scratch, *scores = scratch + D * width;
    for (size_t d = 0; d < D; d++) {
        for (size_t j = 0; j < T; j++) keys[d * width + j] = k[j * ldk + d];
        for (size_t j = T; j < width; j++) keys[d * width + j] = 0;
    }
    for (size_t i = 0; i < rows; i += 4) {
        const float *four[4];
        size_t count = rows - i < 4 ? rows - i : 4;
        // Past the last row the last one is computed again and dropped.
        for (size_t r = 0; r < 4; r++) four[r] = q + (i + (r < count ? r : count - 1)) * ldq;
        four_score_rows(four, keys, width, D, scale, scores);
        for (size_t r = 0; r < count; r++) {
            float *p = scores + r * width, top = p[0], sum = 0;
            for (size_t j = 1; j < T; j++) top = p[j] > top ? p[j] : top;
            for (size_t j = 0; j < T; j++) p[j] -= top;
            ck_exp(p, T);
            for (size_t j = 0; j < T; j++) sum += p[j];
            weighted_values(p, v, ldv, T, D, 1.0f / sum, out + (i + r) * ldo);
        }
    }
}
#endif

void ck_attention(const float *q, size_t ldq, const float *k, size_t ldk, const float *v, size_t ldv, float *out,
                  size_t ldo, size_t rows, size_t T, size_t H, size_t D, float *scratch) {
    float scale = 1.0f / sqrtf((float)D);
    for (size_t h = 0; h < H; h++) {
        size_t at = h * D;
#if CK_X86
        if (ck_use_avx2() && D % 8 == 0) {
            attention_head_avx2(q + at, ldq, k + at, ldk, v + at, ldv, out + at, ldo, rows, T, D, scale, scratch);
            continue;
        }
#endif
        attention_head_portable(q + at, ldq, k + at, ldk, v + at, ldv, out + at, ldo, rows, T, D, scale, scratch);
    }
}
