// Counting and selecting over rows of scores: exact ranks without sorting, nearest rows, neighbourhood means.
#include "ckernels.h"
#include "dispatch.h"

#include <string.h>

// The counters are 32-bit lanes, so the loop vectorises under AVX2 and stays plain C elsewhere.
CK_BODY void ck_count_ranks_body(const float *scores, size_t count, float gold, uint32_t *greater, uint32_t *equal) {
    uint32_t above = 0, same = 0;
    for (size_t i = 0; i < count; i++) {
        above += scores[i] > gold;
        same += scores[i] == gold;
    }
    *greater += above;
    *equal += same;
}
CK_DISPATCH_BODY(ck_count_ranks,
                 (const float *scores, size_t count, float gold, uint32_t *greater, uint32_t *equal),
                 (scores, count, gold, greater, equal))

// First index of 0 … count whose score is above the bar, or count. Eight at a time: almost no row passes the bar.
static size_t next_above(const float *scores, size_t from, size_t count, float bar) {
    size_t i = from;
    for (; i + 8 <= count; i += 8) {
        int any = 0;
        for (size_t j = 0; j < 8; j++) any |= scores[i + j] > bar;
        if (any) break;
    }
    for (; i < count; i++)
        if (scores[i] > bar) return i;
    return count;
}

// Where a score belongs among `count` that fall: behind its equals, because rows come in ascending order.
static size_t first_below(const float *best, size_t count, float score) {
    size_t from = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (best[from + half] < score) {
            count = half;
        } else {
            from += half + 1;
            count -= half + 1;
        }
    }
    return from;
}

// Puts the scores among the k best ones, and their rows where rows are wanted (not NULL).
static inline size_t keep_largest(const float *scores, size_t count, uint32_t first_row, size_t k, size_t filled,
                                  float *best, uint32_t *rows) {
    if (k == 0) return 0;
    size_t i = 0;
    while (i < count) {
        if (filled == k) {
            i = next_above(scores, i, count, best[k - 1]);
            if (i == count) break;
        } else if (scores[i] != scores[i]) {
            i++;
            continue;
        }
        size_t last = filled < k ? filled++ : k - 1;
        size_t at = first_below(best, last, scores[i]);
        memmove(best + at + 1, best + at, (last - at) * sizeof *best);
        if (rows) memmove(rows + at + 1, rows + at, (last - at) * sizeof *rows);
        best[at] = scores[i];
        if (rows) rows[at] = first_row + (uint32_t)i;
        i++;
    }
    return filled;
}

size_t ck_top_rows(const float *scores, size_t count, uint32_t first_row, size_t k, size_t filled, float *best,
                   uint32_t *rows) {
    return keep_largest(scores, count, first_row, k, filled, best, rows);
}

size_t ck_largest(const float *scores, size_t count, size_t k, size_t filled, float *best) {
    return keep_largest(scores, count, 0, k, filled, best, NULL);
}

double ck_dot_double(const float *a, const float *b, size_t count) {
    double sum[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t j = 0; j < 4; j++) sum[j] += (double)a[i + j] * (double)b[i + j];
    for (; i < count; i++) sum[0] += (double)a[i] * (double)b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}
