// Attention of one sequence at a time: no padding, no mask, scores stay in the first-level cache. Backward computes the
// probabilities again.
#include "ckernels.h"
#include "dropout.h"
#include "lanes.h"

#include <math.h>
#include <string.h>

static size_t padded_length(size_t T) { return (T + 7) & ~(size_t)7; }

static size_t padded_to_32(size_t T) { return (T + 31) & ~(size_t)31; }

// Forward: keys transposed [D, T′] and one row of scores [4, T′] for four queries at a time, T′ = T rounded up to 8.
// With dropout, and backward: probabilities, dropout factors and score gradients of one query.
size_t ck_attention_scratch_count(size_t T, size_t D) {
    size_t forward = (D + 4) * padded_length(T), backward = 3 * padded_to_32(T);
    return forward > backward ? forward : backward;
}

// The keys query i looks at: those no further than the window, or all.
static inline void reach(const struct ck_attention_input *in, size_t i, size_t *from, size_t *to) {
    size_t at = in->position + i;
    *from = at > in->window ? at - in->window : 0;
    *to = in->window < in->T - 1 - at ? at + in->window + 1 : in->T;
}

// What is added to the scores of head h, by the distance from query to key.
static inline void add_bias(const struct ck_attention_input *in, size_t h, size_t i, size_t from, size_t to, float *p) {
    if (!in->bias) return;
    const float *bias = in->bias + h * in->bias_stride;
    for (size_t j = from; j < to; j++) p[j] += bias[(ptrdiff_t)j - (ptrdiff_t)(in->position + i)];
}

static void attention_head_portable(const struct ck_attention_input *in, size_t h, float *out, size_t ldo, float scale,
                                    float *p) {
    const float *q = in->q + h * in->D, *k = in->k + h * in->D, *v = in->v + h * in->D;
    for (size_t i = 0; i < in->rows; i++) {
        float top = -INFINITY, sum = 0;
        size_t from, to;
        reach(in, i, &from, &to);
        for (size_t j = from; j < to; j++) {
            float s = 0;
            for (size_t d = 0; d < in->D; d++) s += q[i * in->ldq + d] * k[j * in->ldk + d];
            p[j] = s * scale;
        }
        add_bias(in, h, i, from, to, p);
        for (size_t j = from; j < to; j++) top = fmaxf(top, p[j]);
        for (size_t j = from; j < to; j++) p[j] -= top;
        ck_exp(p + from, to - from);
        for (size_t j = from; j < to; j++) sum += p[j];
        for (size_t d = 0; d < in->D; d++) {
            float s = 0;
            for (size_t j = from; j < to; j++) s += p[j] * v[j * in->ldv + d];
            out[i * ldo + d] = s / sum;
        }
    }
}

#if CK_X86
// Scores of four queries against eight keys at a time; D and the four queries give enough independent chains.
CK_AVX2 static void four_score_rows(const float *const q[4], const float *keys, size_t width, size_t from, size_t to,
                                    size_t D, float scale, float *scores) {
    for (size_t j = from & ~(size_t)7; j < to; j += 8) {
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

CK_AVX2 static void attention_head_avx2(const struct ck_attention_input *in, size_t h, float *out, size_t ldo,
                                        float scale, float *scratch) {
    size_t T = in->T, D = in->D, width = padded_length(T);
    const float *q = in->q + h * D, *k = in->k + h * D, *v = in->v + h * D;
    float *keys = scratch, *scores = scratch + D * width;
    for (size_t d = 0; d < D; d++) {
        for (size_t j = 0; j < T; j++) keys[d * width + j] = k[j * in->ldk + d];
        for (size_t j = T; j < width; j++) keys[d * width + j] = 0;
    }
    for (size_t i = 0; i < in->rows; i += 4) {
        const float *four[4];
        size_t count = in->rows - i < 4 ? in->rows - i : 4, first, last, from, to;
        // Past the last row the last one is computed again and dropped.
        for (size_t r = 0; r < 4; r++) four[r] = q + (i + (r < count ? r : count - 1)) * in->ldq;
        reach(in, i, &first, &to);
        reach(in, i + count - 1, &from, &last);
        four_score_rows(four, keys, width, first, last, D, scale, scores);
        for (size_t r = 0; r < count; r++) {
            float *p = scores + r * width, top, sum = 0;
            reach(in, i + r, &from, &to);
            add_bias(in, h, i + r, from, to, p);
            top = p[from];
            for (size_t j = from + 1; j < to; j++) top = p[j] > top ? p[j] : top;
            for (size_t j = from; j < to; j++) p[j] -= top;
            ck_exp(p + from, to - from);
            for (size_t j = from; j < to; j++) sum += p[j];
            weighted_values(p + from, v + from * in->ldv, in->ldv, to - from, D, 1.0f / sum, out + (i + r) * ldo);
        }
    }
}
#endif

static void attention_undropped(const struct ck_attention_input *in, float *out, size_t ldo, float *scratch) {
    float scale = 1.0f / sqrtf((float)in->D);
    for (size_t h = 0; h < in->H; h++) {
#if CK_X86
        if (ck_use_avx2() && in->D % 8 == 0) {
            attention_head_avx2(in, h, out + h * in->D, ldo, scale, scratch);
            continue;
        }
#endif
        attention_head_portable(in, h, out + h * in->D, ldo, scale, scratch);
    }
}

// Of keys from … to, for the passes of training.
CK_BODY void probabilities(const float *q, const float *k, size_t ldk, size_t from, size_t to, size_t D, float scale,
                           float *p) {
    float top = -INFINITY, sum = 0;
    for (size_t j = from; j < to; j++) {
        p[j] = ck_dot_lanes(q, k + j * ldk, D) * scale;
        top = p[j] > top ? p[j] : top;
    }
    for (size_t j = from; j < to; j++) p[j] -= top;
    ck_exp(p + from, to - from);
    for (size_t j = from; j < to; j++) sum += p[j];
    float inverse = 1.0f / sum;
    for (size_t j = from; j < to; j++) p[j] *= inverse;
}

CK_BODY void factors_of_row(const struct ck_dropout *dropout, size_t row, size_t head, size_t T, float *factors) {
    size_t width = padded_to_32(T);
    for (size_t j = 0; j < width; j += 32) ck_dropout_factors(dropout, row, (head * width + j) / 4, factors + j);
}

CK_BODY void ck_attention_dropped_body(const struct ck_attention_input *in, const struct ck_dropout *dropout,
                                       size_t first_row, float *out, size_t ldo, float *scratch) {
    size_t T = in->T, D = in->D;
    float scale = 1.0f / sqrtf((float)D), *p = scratch, *factors = scratch + padded_to_32(T);
    for (size_t h = 0; h < in->H; h++)
        for (size_t i = 0; i < in->rows; i++) {
            float *row = out + i * ldo + h * D;
            size_t from, to;
            reach(in, i, &from, &to);
            probabilities(in->q + i * in->ldq + h * D, in->k + h * D, in->ldk, from, to, D, scale, p);
            factors_of_row(dropout, first_row + i, h, T, factors);
            for (size_t j = from; j < to; j++) p[j] *= factors[j];
            memset(row, 0, D * sizeof(float));
            for (size_t j = from; j < to; j++) ck_add_scaled(p[j], in->v + j * in->ldv + h * D, row, D);
        }
}
CK_DISPATCH_BODY(ck_attention_dropped,
                 (const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row, float *out,
                  size_t ldo, float *scratch),
                 (in, dropout, first_row, out, ldo, scratch))

void ck_attention(const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row, float *out,
                  size_t ldo, float *scratch) {
    if (dropout)
        ck_attention_dropped(in, dropout, first_row, out, ldo, scratch);
    else
        attention_undropped(in, out, ldo, scratch);
}

// With P = softmax(S), P̃ = factors · P: dV = P̃ᵀ dO, dP = factors · dO Vᵀ, dS = P · (dP − Σ P dP), dQ = dS K, dK = dSᵀ
// Q.
CK_BODY void ck_attention_backward_body(const struct ck_attention_input *in, const struct ck_dropout *dropout,
                                        size_t first_row, const float *dout, size_t lddo, float *dq, size_t lddq,
                                        float *dk, float *dv, size_t lddk, float *scratch) {
    size_t T = in->T, D = in->D;
    float scale = 1.0f / sqrtf((float)D), *p = scratch, *factors = p + padded_to_32(T), *ds = factors + padded_to_32(T);
    for (size_t j = 0; j < T; j++) {
        memset(dk + j * lddk, 0, in->H * D * sizeof(float));
        memset(dv + j * lddk, 0, in->H * D * sizeof(float));
    }
    for (size_t h = 0; h < in->H; h++)
        for (size_t i = 0; i < in->rows; i++) {
            const float *q = in->q + i * in->ldq + h * D, *d = dout + i * lddo + h * D;
            float *out = dq + i * lddq + h * D, inner = 0;
            size_t from, to;
            reach(in, i, &from, &to);
            probabilities(q, in->k + h * D, in->ldk, from, to, D, scale, p);
            if (dropout) factors_of_row(dropout, first_row + i, h, T, factors);
            for (size_t j = from; j < to; j++) {
                float f = dropout ? factors[j] : 1;
                ds[j] = ck_dot_lanes(d, in->v + j * in->ldv + h * D, D) * f;
                inner += p[j] * ds[j];
                ck_add_scaled(p[j] * f, d, dv + j * lddk + h * D, D);
            }
            memset(out, 0, D * sizeof(float));
            for (size_t j = from; j < to; j++) {
                float s = p[j] * (ds[j] - inner) * scale;
                ck_add_scaled(s, in->k + j * in->ldk + h * D, out, D);
                ck_add_scaled(s, q, dk + j * lddk + h * D, D);
            }
        }
}
CK_DISPATCH_BODY(ck_attention_backward,
                 (const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row,
                  const float *dout, size_t lddo, float *dq, size_t lddq, float *dk, float *dv, size_t lddk,
                  float *scratch),
                 (in, dropout, first_row, dout, lddo, dq, lddq, dk, dv, lddk, scratch))

// (a, b) → (a cos − b sin, b cos + a sin) for the halves a, b of every head; the other way round backwards.
CK_BODY void ck_rotate_rows_body(float *x, size_t ldx, size_t rows, size_t H, size_t D, const float *cosines,
                                 const float *sines, float direction) {
    size_t half = D / 2;
    for (size_t r = 0; r < rows; r++)
        for (size_t h = 0; h < H; h++) {
            float *restrict a = x + r * ldx + h * D, *restrict b = a + half;
            const float *c = cosines + r * half, *s = sines + r * half;
            for (size_t d = 0; d < half; d++) {
                float first = a[d], second = b[d], sine = s[d] * direction;
                a[d] = first * c[d] - second * sine;
                b[d] = second * c[d] + first * sine;
            }
        }
}
CK_DISPATCH_BODY(ck_rotate_rows,
                 (float *x, size_t ldx, size_t rows, size_t H, size_t D, const float *cosines, const float *sines,
                  float direction),
                 (x, ldx, rows, H, D, cosines, sines, direction))
