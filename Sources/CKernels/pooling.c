#include "ckernels.h"

#include <string.h>

// Plain loops: element-wise, so the baseline vector unit is enough (memory-bound).
void ck_mean_rows(const float *x, size_t rows, size_t C, float *out) {
    memcpy(out, x, C * sizeof(float));
    for (size_t r = 1; r < rows; r++)
        for (size_t i = 0; i < C; i++) out[i] += x[r * C + i];
    float scale = 1.0f / (float)rows;
    for (size_t i = 0; i < C; i++) out[i] *= scale;
}
