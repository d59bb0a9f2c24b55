// Half-precision weights as float32, exactly.
#include "ckernels.h"
#include "dispatch.h"

#include <string.h>

static inline float widen_one(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, mantissa = half & 1023, bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000u | mantissa << 13;
    } else if (exponent) {
        bits = sign | (exponent + 112) << 23 | mantissa << 13;
    } else {
        float magnitude = (float)mantissa * 0x1p-24f; // subnormal: exact in float32
        return sign ? -magnitude : magnitude;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#if CK_X86
CK_AVX2 static size_t widen_float16_avx2(const uint8_t *source, float *out, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + 2 * i))));
    return i;
}
#endif

void ck_widen_float16(const void *source, float *out, size_t count) {
    const uint8_t *bytes = source;
    size_t i = 0;
#if CK_X86
    if (ck_use_avx2()) i = widen_float16_avx2(bytes, out, count);
#endif
    for (; i < count; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, 2);
        out[i] = widen_one(half);
    }
}

void ck_widen_bfloat16(const void *source, float *out, size_t count) {
    const uint8_t *bytes = source;
    for (size_t i = 0; i < count; i++) {
        uint16_t upper;
        memcpy(&upper, bytes + 2 * i, 2);
        uint32_t bits = (uint32_t)upper << 16;
        memcpy(out + i, &bits, 4);
    }
}
