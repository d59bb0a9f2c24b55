#include "ckernels.h"
#include "dispatch.h"

#include <string.h>

// Draws come from a counter, so draw d is the same whichever thread makes it: SplitMix64's finaliser
// (Steele, Lea, Flood 2014) of seed + (d * words + word) * increment.
static inline uint64_t mixed(uint64_t seed, uint64_t counter) {
    uint64_t z = seed + (counter + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

enum {
    DRAWS = 4,  // whose sums are in registers together: an addition waits for the one before it in its own sum only
    LANES = 4,  // columns in a register of AVX2
    ROWS = 512, // drawn at a time, even
};

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));
#define LANES_AT(values) (*(const lanes *)(values))

// Where in `values` the rows stand that a draw takes from `first` on. Two 32-bit halves of every mixed number, each
// scaled to a row; the bias is at most rows / 2^32.
CK_BODY void choose(
    size_t *chosen, size_t first, size_t count, size_t rows, size_t columns, uint64_t seed, uint64_t counter) {
    counter += first / 2;
    for (size_t i = 0; i < count; i += 2) {
        const uint64_t bits = mixed(seed, counter + i / 2);
        chosen[i] = (size_t)(((bits >> 32) * rows) >> 32) * columns;
        chosen[i + 1] = (size_t)(((bits & UINT32_MAX) * rows) >> 32) * columns;
    }
}

// Adds the rows chosen by DRAWS draws to the draws' sums. Every sum is added up in the order of the rows, so its bits
// do not depend on how many columns or draws stand beside it.
CK_BODY void add_chosen(
    const double *values, size_t columns, size_t chosen[DRAWS][ROWS], size_t count, double *sums) {
    double *first = sums, *second = sums + columns, *third = sums + 2 * columns, *fourth = sums + 3 * columns;
    size_t c = 0;
    for (; c + LANES <= columns; c += LANES) {
        lanes a = LANES_AT(first + c), b = LANES_AT(second + c), d = LANES_AT(third + c), e = LANES_AT(fourth + c);
        for (size_t i = 0; i < count; i++) {
            a += LANES_AT(values + chosen[0][i] + c);
            b += LANES_AT(values + chosen[1][i] + c);
            d += LANES_AT(values + chosen[2][i] + c);
            e += LANES_AT(values + chosen[3][i] + c);
        }
        *(lanes *)(first + c) = a, *(lanes *)(second + c) = b;
        *(lanes *)(third + c) = d, *(lanes *)(fourth + c) = e;
    }
    for (; c < columns; c++) {
        double a = first[c], b = second[c], d = third[c], e = fourth[c];
        for (size_t i = 0; i < count; i++) {
            a += values[chosen[0][i] + c];
            b += values[chosen[1][i] + c];
            d += values[chosen[2][i] + c];
            e += values[chosen[3][i] + c];
        }
        first[c] = a, second[c] = b, third[c] = d, fourth[c] = e;
    }
}

CK_BODY void ck_bootstrap_sums_body(
    const double *values, size_t rows, size_t columns, uint64_t seed, size_t first_draw, size_t draws, double *sums) {
    const size_t words = (rows + 1) / 2;
    size_t chosen[DRAWS][ROWS];
    memset(sums, 0, draws * columns * sizeof *sums);
    size_t draw = 0;
    for (; draw + DRAWS <= draws; draw += DRAWS) {
        for (size_t first = 0; first < rows; first += ROWS) {
            const size_t count = rows - first < ROWS ? rows - first : ROWS;
            for (size_t d = 0; d < DRAWS; d++)
                choose(chosen[d], first, count, rows, columns, seed, (uint64_t)(first_draw + draw + d) * words);
            add_chosen(values, columns, chosen, count, sums + draw * columns);
        }
    }
    for (; draw < draws; draw++) {
        for (size_t first = 0; first < rows; first += ROWS) {
            const size_t count = rows - first < ROWS ? rows - first : ROWS;
            choose(chosen[0], first, count, rows, columns, seed, (uint64_t)(first_draw + draw) * words);
            for (size_t i = 0; i < count; i++)
                for (size_t c = 0; c < columns; c++) sums[draw * columns + c] += values[chosen[0][i] + c];
        }
    }
}

CK_DISPATCH_BODY(ck_bootstrap_sums,
                 (const double *values, size_t rows, size_t columns, uint64_t seed, size_t first_draw, size_t draws,
                  double *sums),
                 (values, rows, columns, seed, first_draw, draws, sums))

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
