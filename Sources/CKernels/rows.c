// Sums over rows and of rows.
#include "ckernels.h"
#include "dispatch.h"

#include <string.h>

// Plain loops: element-wise, so the baseline vector unit is enough (memory-bound).
void ck_mean_rows(const float *x, size_t rows, size_t C, float *out) {
    memcpy(out, x, C * sizeof(float));
    for (size_t r = 1; r < rows; r++)
        for (size_t i = 0; i < C; i++) out[i] += x[r * C + i];
    float scale = 1.0f / (float)rows;
    for (size_t i = 0; i < C; i++) out[i] *= scale;
}

void ck_add_rows(const float *a, const float *b, float *out, size_t C) {
    for (size_t i = 0; i < C; i++) out[i] = (out[i] + a[i]) + b[i];
}

CK_BODY void ck_add_column_sums_body(const float *x, size_t ldx, size_t M, size_t N, float *restrict out) {
    for (size_t r = 0; r < M; r++)
        for (size_t i = 0; i < N; i++) out[i] += x[r * ldx + i];
}
CK_DISPATCH_BODY(ck_add_column_sums, (const float *x, size_t ldx, size_t M, size_t N, float *out), (x, ldx, M, N, out))

CK_BODY void ck_add_body(const float *x, float *restrict y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += x[i];
}
CK_DISPATCH_BODY(ck_add, (const float *x, float *y, size_t count), (x, y, count))

CK_BODY void ck_multiply_body(const float *x, float *restrict y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] *= x[i];
}
CK_DISPATCH_BODY(ck_multiply, (const float *x, float *y, size_t count), (x, y, count))
