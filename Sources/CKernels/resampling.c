#include "ckernels.h"

// Draws come from a counter, so draw d is the same whichever thread makes it: SplitMix64's finaliser
// (Steele, Lea, Flood 2014) of seed + (d * words + word) * increment.
static inline uint64_t mixed(uint64_t seed, uint64_t counter) {
    uint64_t z = seed + (counter + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void ck_bootstrap_sums(
    const double *values, size_t rows, size_t columns, uint64_t seed, size_t first_draw, size_t draws, double *sums) {
    const size_t words = (rows + 1) / 2;
    for (size_t draw = 0; draw < draws; draw++) {
        double *sum = sums + draw * columns;
        for (size_t c = 0; c < columns; c++) sum[c] = 0;
        const uint64_t counter = (uint64_t)(first_draw + draw) * words;
        for (size_t word = 0; word < words; word++) {
            const uint64_t bits = mixed(seed, counter + word);
            // Two 32-bit halves, each scaled to a row; the bias is at most rows / 2^32.
            const double *first = values + (size_t)(((bits >> 32) * rows) >> 32) * columns;
            for (size_t c = 0; c < columns; c++) sum[c] += first[c];
            if (2 * word + 1 < rows) {
                const double *second = values + (size_t)(((bits & UINT32_MAX) * rows) >> 32) * columns;
                for (size_t c = 0; c < columns; c++) sum[c] += second[c];
            }
        }
    }
}

void ck_sign_flip_sums(
    const double *values, size_t rows, uint64_t seed, size_t first_draw, size_t draws, double *sums) {
    const size_t words = (rows + 63) / 64;
    double total = 0;
    for (size_t row = 0; row < rows; row++) total += values[row];
    for (size_t draw = 0; draw < draws; draw++) {
        double kept = 0;
        for (size_t word = 0; word < words; word++) {
            const uint64_t bits = mixed(seed, (uint64_t)(first_draw + draw) * words + word);
            const size_t count = rows - word * 64 < 64 ? rows - word * 64 : 64;
            for (size_t i = 0; i < count; i++) kept += (double)((bits >> i) & 1) * values[word * 64 + i];
        }
        sums[draw] = 2 * kept - total;
    }
}
