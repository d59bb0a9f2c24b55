// Sums in eight fixed lanes: the same bits whatever registers the compiler uses. Internal to CKernels.
#ifndef CK_LANES_H
#define CK_LANES_H

#include "dispatch.h"

#include <stddef.h>

CK_BODY float ck_sum_of_eight(const float s[8]) {
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

// Σ a·b in eight lanes.
CK_BODY float ck_dot_lanes(const float *a, const float *b, size_t count) {
    float s[8] = {0};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int j = 0; j < 8; j++) s[j] += a[i + j] * b[i + j];
    for (int j = 0; i < count; i++, j++) s[j] += a[i] * b[i];
    return ck_sum_of_eight(s);
}

// y += f·x
CK_BODY void ck_add_scaled(float f, const float *x, float *restrict y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += f * x[i];
}

#endif
