// Backward of layer norm, and sums over rows.
#include "ckernels.h"
#include "twice.h"

// With x̂ = (s − mean) / σ and g = dout · gamma: ds = (g − mean(g) − x̂ · mean(g · x̂)) / σ.
CK_BODY void layer_norm_backward_body(const float *dout, const float *sums, const float *statistics, const float *gamma,
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
CK_DEFINE_TWICE(layer_norm_backward,
                (const float *dout, const float *sums, const float *statistics, const float *gamma, float *dsums,
                 float *dgamma, float *dbeta, size_t M, size_t C),
                (dout, sums, statistics, gamma, dsums, dgamma, dbeta, M, C))

void ck_layer_norm_backward(const float *dout, const float *sums, const float *statistics, const float *gamma,
                            float *dsums, float *dgamma, float *dbeta, size_t M, size_t C) {
    layer_norm_backward(dout, sums, statistics, gamma, dsums, dgamma, dbeta, M, C);
}

CK_BODY void column_sums_body(const float *x, size_t ldx, size_t M, size_t N, float *restrict out) {
    for (size_t r = 0; r < M; r++)
        for (size_t i = 0; i < N; i++) out[i] += x[r * ldx + i];
}
CK_DEFINE_TWICE(column_sums, (const float *x, size_t ldx, size_t M, size_t N, float *out), (x, ldx, M, N, out))

void ck_add_column_sums(const float *x, size_t ldx, size_t M, size_t N, float *out) { column_sums(x, ldx, M, N, out); }

CK_BODY void add_body(const float *x, float *restrict y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += x[i];
}
CK_DEFINE_TWICE(add, (const float *x, float *y, size_t count), (x, y, count))

void ck_add(const float *x, float *y, size_t count) { add(x, y, count); }

CK_BODY void relu_body(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] > 0 ? x[i] : (x[i] != x[i] ? x[i] : 0);
}
CK_DEFINE_TWICE(relu, (float *x, size_t count), (x, count))

void ck_relu(float *x, size_t count) { relu(x, count); }

CK_BODY void relu_backward_body(const float *value, float *gradient, size_t count) {
    for (size_t i = 0; i < count; i++) gradient[i] = value[i] > 0 ? gradient[i] : 0;
}
CK_DEFINE_TWICE(relu_backward, (const float *value, float *gradient, size_t count), (value, gradient, count))

void ck_relu_backward(const float *value, float *gradient, size_t count) { relu_backward(value, gradient, count); }
