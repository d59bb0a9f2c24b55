// AdamW as torch.optim.AdamW computes it, and sums of squares of gradients.
#include "ckernels.h"
#include "lanes.h"

#include <math.h>

CK_BODY void ck_adamw_body(const struct ck_adamw *u, float *restrict p, const float *restrict g, float *restrict m,
                        float *restrict v, size_t count) {
    struct ck_adamw c = *u;
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] * c.gradient_scale;
        float first = m[i] + (gradient - m[i]) * c.one_minus_beta1;
        float second = v[i] * c.beta2 + c.one_minus_beta2 * gradient * gradient;
        m[i] = first;
        v[i] = second;
        p[i] = p[i] * c.decay - c.step_size * (first / (sqrtf(second) / c.second_correction + c.epsilon));
    }
}
CK_DISPATCH_BODY(ck_adamw,
                 (const struct ck_adamw *update, float *p, const float *g, float *m, float *v, size_t count),
                 (update, p, g, m, v, count))

CK_BODY void ck_sum_squares_body(const float *x, size_t count, double *sum) {
    double s[8] = {0};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int j = 0; j < 8; j++) s[j] += (double)x[i + j] * (double)x[i + j];
    for (int j = 0; i < count; i++, j++) s[j] += (double)x[i] * (double)x[i];
    *sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}
CK_DISPATCH_BODY(ck_sum_squares, (const float *x, size_t count, double *sum), (x, count, sum))
