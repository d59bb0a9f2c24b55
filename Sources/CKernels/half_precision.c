// Half and single precision into each other, IEEE halves rounded to nearest even. The portable path gives the same bits
// as F16C.
#include "ckernels.h"
#include "dispatch.h"

#include <string.h>

static uint16_t half_from_float(float value) {
    uint32_t x;
    memcpy(&x, &value, sizeof x);
    uint32_t sign = (x >> 16) & 0x8000u;
    uint32_t magnitude = x & 0x7fffffffu;
    // Infinity, or NaN made quiet with its leading payload bits kept, as the hardware does.
    if (magnitude >= 0x7f800000u) {
        uint32_t payload = magnitude > 0x7f800000u ? 0x200u | ((magnitude >> 13) & 0x3ffu) : 0;
        return (uint16_t)(sign | 0x7c00u | payload);
    }
    if (magnitude >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); // rounds to 65536 or more
    if (magnitude < 0x38800000u) {                                   // subnormal half, or zero
        if (magnitude < 0x33000000u) return (uint16_t)sign;          // below half of the smallest subnormal
        uint32_t exponent = magnitude >> 23;
        uint32_t significand = (magnitude & 0x7fffffu) | 0x800000u;
        uint32_t shift = 126 - exponent; // 14 … 24
        uint32_t kept = significand >> shift;
        uint32_t rest = significand & ((1u << shift) - 1);
        uint32_t middle = 1u << (shift - 1);
        if (rest > middle || (rest == middle && (kept & 1))) kept++;
        return (uint16_t)(sign | kept);
    }
    uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1);
    return (uint16_t)(sign | ((rounded - 0x38000000u) >> 13));
}

static float float_from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    uint32_t exponent = (half >> 10) & 0x1fu;
    uint32_t significand = half & 0x3ffu;
    uint32_t bits;
    if (exponent == 0x1f) {
        bits = sign | 0x7f800000u | (significand << 13) | (significand ? 0x400000u : 0);
    } else if (exponent != 0) {
        bits = sign | ((exponent + 112) << 23) | (significand << 13);
    } else { // zero or subnormal: significand · 2^-24 is exact in single precision
        float value = (float)significand * 0x1p-24f;
        memcpy(&bits, &value, sizeof bits);
        bits |= sign;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#if CK_X86
CK_AVX2 static void ck_float_to_half_avx2(const float *input, uint16_t *output, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(input + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        _mm_storeu_si128((__m128i *)(output + i), halves);
    }
    for (; i < count; i++) output[i] = half_from_float(input[i]);
}

CK_AVX2 static void ck_half_to_float_avx2(const void *halves, float *output, size_t count) {
    const unsigned char *input = halves;
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(output + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(input + 2 * i))));
    for (; i < count; i++) {
        uint16_t half;
        memcpy(&half, input + 2 * i, sizeof half);
        output[i] = float_from_half(half);
    }
}
#endif

static void ck_float_to_half_portable(const float *input, uint16_t *output, size_t count) {
    for (size_t i = 0; i < count; i++) output[i] = half_from_float(input[i]);
}
CK_DISPATCH(ck_float_to_half, (const float *input, uint16_t *output, size_t count), (input, output, count))

static void ck_half_to_float_portable(const void *halves, float *output, size_t count) {
    const unsigned char *bytes = halves;
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, sizeof half);
        output[i] = float_from_half(half);
    }
}
CK_DISPATCH(ck_half_to_float, (const void *halves, float *output, size_t count), (halves, output, count))

void ck_bfloat16_to_float(const void *values, float *output, size_t count) {
    const unsigned char *bytes = values;
    for (size_t i = 0; i < count; i++) {
        uint16_t upper;
        memcpy(&upper, bytes + 2 * i, sizeof upper);
        uint32_t bits = (uint32_t)upper << 16;
        memcpy(output + i, &bits, sizeof bits);
    }
}

void ck_double_to_float(const void *values, float *output, size_t count) {
    const unsigned char *bytes = values;
    for (size_t i = 0; i < count; i++) {
        double value;
        memcpy(&value, bytes + 8 * i, sizeof value);
        output[i] = (float)value;
    }
}
