// Attention with dropout on its probabilities, and its backward: one sequence at a time, probabilities recomputed.
#include "ckernels.h"
#include "dropout.h"

#include <math.h>
#include <string.h>

static size_t padded_to_32(size_t T) { return (T + 31) & ~(size_t)31; }

// Probabilities, dropout factors and score gradients of one query.
size_t ck_attention_training_scratch_count(size_t T) { return 3 * padded_to_32(T); }

CK_BODY void probabilities(const float *q, const float *k, size_t ldk, size_t T, size_t D, float scale, float *p) {
    float top = -INFINITY, sum = 0;
    for (size_t j = 0; j < T; j++) {
        p[j] = ck_dot_lanes(q, k + j * ldk, D) * scale;
        top = p[j] > top ? p[j] : top;
    }
    for (size_t j = 0; j < T; j++) p[j] -= top;
    ck_exp(p, T);
    for (size_t j = 0; j < T; j++) sum += p[j];
    float inverse = 1.0f / sum;
    for (size_t j = 0; j < T; j++) p[j] *= inverse;
}

CK_BODY void factors_of_row(const struct ck_dropout *dropout, size_t row, size_t head, size_t T, float *factors) {
    size_t width = padded_to_32(T);
    for (size_t j = 0; j < width; j += 32) ck_dropout_factors(dropout, row, (head * width + j) / 4, factors + j);
}

CK_BODY void attention_dropout_body(const struct ck_attention_input *in, const struct ck_dropout *dropout,
                                    size_t first_row, float *out, size_t ldo, float *scratch) {
    size_t T = in->T, D = in->D;
    float scale = 1.0f / sqrtf((float)D), *p = scratch, *factors = scratch + padded_to_32(T);
    for (size_t h = 0; h < in->H; h++)
        for (size_t i = 0; i < in->rows; i++) {
            float *row = out + i * ldo + h * D;
            probabilities(in->q + i * in->ldq + h * D, in->k + h * D, in->ldk, T, D, scale, p);
            if (dropout) {
                factors_of_row(dropout, first_row + i, h, T, factors);
                for (size_t j = 0; j < T; j++) p[j] *= factors[j];
            }
            memset(row, 0, D * sizeof(float));
            for (size_t j = 0; j < T; j++) ck_add_scaled(p[j], in->v + j * in->ldv + h * D, row, D);
        }
}
CK_DEFINE_TWICE(attention_dropout,
                (const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row, float *out,
                 size_t ldo, float *scratch),
                (in, dropout, first_row, out, ldo, scratch))

void ck_attention_dropout(const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row,
                          float *out, size_t ldo, float *scratch) {
    attention_dropout(in, dropout, first_row, out, ldo, scratch);
}

// With P = softmax(S), P̃ = factors · P: dV = P̃ᵀ dO, dP = factors · dO Vᵀ, dS = P · (dP − Σ P dP), dQ = dS K, dK = dSᵀ Q.
CK_BODY void attention_backward_body(const struct ck_attention_input *in, const struct ck_dropout *dropout,
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
            probabilities(q, in->k + h * D, in->ldk, T, D, scale, p);
            if (dropout) factors_of_row(dropout, first_row + i, h, T, factors);
            for (size_t j = 0; j < T; j++) {
                float f = dropout ? factors[j] : 1;
                ds[j] = ck_dot_lanes(d, in->v + j * in->ldv + h * D, D) * f;
                inner += p[j] * ds[j];
                ck_add_scaled(p[j] * f, d, dv + j * lddk + h * D, D);
            }
            memset(out, 0, D * sizeof(float));
            for (size_t j = 0; j < T; j++) {
                float s = p[j] * (ds[j] - inner) * scale;
                ck_add_scaled(s, in->k + j * in->ldk + h * D, out, D);
                ck_add_scaled(s, q, dk + j * lddk + h * D, D);
            }
        }
}
CK_DEFINE_TWICE(attention_backward,
                (const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row,
                 const float *dout, size_t lddo, float *dq, size_t lddq, float *dk, float *dv, size_t lddk,
                 float *scratch),
                (in, dropout, first_row, dout, lddo, dq, lddq, dk, dv, lddk, scratch))

void ck_attention_backward(const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row,
                           const float *dout, size_t lddo, float *dq, size_t lddq, float *dk, float *dv, size_t lddk,
                           float *scratch) {
    attention_backward(in, dropout, first_row, dout, lddo, dq, lddq, dk, dv, lddk, scratch);
}
