// Packed matrix product for transformer shapes: W is packed once, A is packed block by block.
// The 6 × 16 tile keeps twelve accumulators, two W vectors and a broadcast in the sixteen AVX2 registers; AVX-512 takes
// up to two panels of six rows at once, one accumulator a row. Both add the same products in the same order.
#include "ckernels.h"
#include "dispatch.h"
#include "erf.h"

#include <math.h>
#include <string.h>

enum {
    MR = CK_GEMM_ROW_TILE,
    NR = CK_GEMM_COLUMN_TILE,
    KC = CK_GEMM_KC,
    MC = 192, // rows of A packed at a time: 192 × 384 floats = 288 KiB, inside a 512 KiB L2
};

size_t ck_gemm_packed_count(size_t N, size_t K) { return (N + NR - 1) / NR * NR * K; }

size_t ck_gemm_scratch_count(void) { return (size_t)(MC + MR) * KC; }

#if CK_X86
// Eight rows of W as eight columns of a tile: an 8 × 8 transpose per eight sums.
CK_AVX2 static size_t pack_eight_columns_avx2(const float *w, size_t ldw, size_t kc, float *tile) {
    size_t k = 0;
    for (; k + 8 <= kc; k += 8) {
        __m256 r[8], t[8];
        for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(w + i * ldw + k);
        for (int i = 0; i < 8; i += 2) {
            t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
            t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
        }
        for (int i = 0; i < 8; i += 4) {
            r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
            r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xEE);
            r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
            r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xEE);
        }
        for (int i = 0; i < 4; i++) {
            _mm256_storeu_ps(tile + (k + i) * NR, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
            _mm256_storeu_ps(tile + (k + i + 4) * NR, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
        }
    }
    return k;
}
#endif

// Layout: for each block of KC rows of Wᵀ, for each tile of 16 columns, [kc][16].
void ck_gemm_pack(const float *w, size_t ldw, size_t n0, size_t rows, size_t N, size_t K, float *packed) {
    size_t padded = (N + NR - 1) / NR * NR;
    for (size_t k0 = 0; k0 < K; k0 += KC) {
        size_t kc = K - k0 < KC ? K - k0 : KC;
        for (size_t n = n0; n < n0 + rows; n += NR) {
            float *tile = packed + k0 * padded + n * kc;
            size_t columns = n0 + rows - n < NR ? n0 + rows - n : NR;
            const float *first = w + (n - n0) * ldw + k0;
            size_t done = 0;
#if CK_X86
            if (columns == NR && ck_use_avx2()) {
                pack_eight_columns_avx2(first, ldw, kc, tile);
                done = pack_eight_columns_avx2(first + 8 * ldw, ldw, kc, tile + 8);
            }
#endif
            for (size_t j = 0; j < columns; j++)
                for (size_t k = done; k < kc; k++) tile[k * NR + j] = first[j * ldw + k];
            for (size_t j = columns; j < NR; j++)
                for (size_t k = 0; k < kc; k++) tile[k * NR + j] = 0;
        }
    }
}

// The same layout for a matrix that already has the sums' index in its rows: whole pieces of 16 are copied.
void ck_gemm_pack_rows(const float *b, size_t ldb, size_t k0, size_t rows, size_t K, size_t N, float *packed) {
    size_t padded = (N + NR - 1) / NR * NR;
    for (size_t k = k0; k < k0 + rows;) {
        size_t block = k / KC * KC, kc = K - block < KC ? K - block : KC;
        size_t end = block + kc < k0 + rows ? block + kc : k0 + rows;
        for (size_t n = 0; n < N; n += NR) {
            size_t columns = N - n < NR ? N - n : NR;
            float *tile = packed + block * padded + n * kc + (k - block) * NR;
            for (size_t i = k; i < end; i++, tile += NR) {
                const float *source = b + (i - k0) * ldb + n;
                if (columns == NR) {
                    memcpy(tile, source, NR * sizeof(float));
                } else {
                    for (size_t j = 0; j < NR; j++) tile[j] = j < columns ? source[j] : 0;
                }
            }
        }
        k = end;
    }
}

// A block as [kc][6] panels, rows past m zero.
static inline void pack_rows(const float *a, size_t lda, size_t m, size_t kc, float *panel) {
    for (size_t i = 0; i < MR; i++) {
        if (i < m) {
            const float *row = a + i * lda;
            for (size_t k = 0; k < kc; k++) panel[k * MR + i] = row[k];
        } else {
            for (size_t k = 0; k < kc; k++) panel[k * MR + i] = 0;
        }
    }
}

// The same panels from a transposed block: a[k, i] is row k of `a`, so each piece of six lies together already.
static inline void pack_columns(const float *a, size_t lda, size_t m, size_t kc, float *panel) {
    if (m == MR) {
        for (size_t k = 0; k < kc; k++) memcpy(panel + k * MR, a + k * lda, MR * sizeof(float));
        return;
    }
    for (size_t k = 0; k < kc; k++)
        for (size_t i = 0; i < MR; i++) panel[k * MR + i] = i < m ? a[k * lda + i] : 0;
}

static void store_tile(const float *tile, float *c, size_t ldc, size_t m, size_t n, int first) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) c[i * ldc + j] = first ? tile[i * NR + j] : c[i * ldc + j] + tile[i * NR + j];
}

static void multiply_tile_portable(const float *a, const float *b, size_t kc, float *c, size_t ldc, size_t m, size_t n,
                                   int first) {
    float tile[MR * NR];
    memset(tile, 0, sizeof tile);
    for (size_t k = 0; k < kc; k++)
        for (size_t i = 0; i < MR; i++)
            for (size_t j = 0; j < NR; j++) tile[i * NR + j] += a[k * MR + i] * b[k * NR + j];
    store_tile(tile, c, ldc, m, n, first);
}

#if CK_X86
CK_AVX2 static void multiply_tile_avx2(const float *restrict a, const float *restrict b, size_t kc, float *restrict c,
                                       size_t ldc, size_t m, size_t n, int first, uintptr_t ahead, size_t stride) {
    __m256 s[MR][2];
#pragma clang loop unroll(full)
    for (int i = 0; i < MR; i++) {
        s[i][0] = s[i][1] = _mm256_setzero_ps();
        _mm_prefetch((const char *)(c + i * ldc), _MM_HINT_T0);
    }
    for (size_t k = 0; k < kc; k++) {
        __m256 b0 = _mm256_load_ps(b), b1 = _mm256_load_ps(b + 8);
        _mm_prefetch((const char *)(b + 8 * NR), _MM_HINT_T0);
        _mm_prefetch((const char *)ahead, _MM_HINT_T1);
        ahead += stride;
#pragma clang loop unroll(full)
        for (int i = 0; i < MR; i++) {
            __m256 x = _mm256_broadcast_ss(a + i);
            s[i][0] = _mm256_fmadd_ps(x, b0, s[i][0]);
            s[i][1] = _mm256_fmadd_ps(x, b1, s[i][1]);
        }
        a += MR;
        b += NR;
    }
    if (n < NR) {
        _Alignas(32) float tile[MR * NR];
#pragma clang loop unroll(full)
        for (int i = 0; i < MR; i++) {
            _mm256_store_ps(tile + i * NR, s[i][0]);
            _mm256_store_ps(tile + i * NR + 8, s[i][1]);
        }
        store_tile(tile, c, ldc, m, n, first);
        return;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < MR; i++) {
        if ((size_t)i >= m) break;
        float *row = c + i * ldc;
        if (first) {
            _mm256_storeu_ps(row, s[i][0]);
            _mm256_storeu_ps(row + 8, s[i][1]);
        } else {
            _mm256_storeu_ps(row, _mm256_add_ps(_mm256_loadu_ps(row), s[i][0]));
            _mm256_storeu_ps(row + 8, _mm256_add_ps(_mm256_loadu_ps(row + 8), s[i][1]));
        }
    }
}

// R rows of two neighbouring panels by sixteen columns. A row is one accumulator, so a tile costs what its rows cost.
// Every step asks for what lies at the address `ahead`, `stride` bytes further each time.
CK_AVX512 static inline __attribute__((always_inline)) void multiply_rows_avx512(
    const int R, const float *restrict a, const float *restrict b, size_t kc, float *restrict c, size_t ldc, size_t n,
    int first, uintptr_t ahead, size_t stride) {
    const float *second = a + MR * kc;
    __m512 s[2 * MR];
#pragma clang loop unroll(full)
    for (int i = 0; i < R; i++) {
        s[i] = _mm512_setzero_ps();
        _mm_prefetch((const char *)(c + i * ldc), _MM_HINT_T0);
    }
    for (size_t k = 0; k < kc; k++) {
        __m512 w = _mm512_loadu_ps(b);
        _mm_prefetch((const char *)(b + 8 * NR), _MM_HINT_T0);
        _mm_prefetch((const char *)ahead, _MM_HINT_T1);
        ahead += stride;
#pragma clang loop unroll(full)
        for (int i = 0; i < R; i++)
            s[i] = _mm512_fmadd_ps(_mm512_set1_ps(i < MR ? a[i] : second[i - MR]), w, s[i]);
        a += MR;
        second += MR;
        b += NR;
    }
    __mmask16 columns = (__mmask16)((1u << n) - 1);
#pragma clang loop unroll(full)
    for (int i = 0; i < R; i++) {
        float *row = c + i * ldc;
        __m512 sum = first ? s[i] : _mm512_add_ps(_mm512_maskz_loadu_ps(columns, row), s[i]);
        _mm512_mask_storeu_ps(row, columns, sum);
    }
}

CK_AVX512 static void multiply_tile_avx512(const float *a, const float *b, size_t kc, float *c, size_t ldc, size_t m,
                                           size_t n, int first, uintptr_t ahead, size_t stride) {
#define ROWS(R) \
    case R: multiply_rows_avx512(R, a, b, kc, c, ldc, n, first, ahead, stride); break
    switch (m) {
        ROWS(1); ROWS(2); ROWS(3); ROWS(4); ROWS(5); ROWS(6);
        ROWS(7); ROWS(8); ROWS(9); ROWS(10); ROWS(11); ROWS(12);
    }
#undef ROWS
}

// Rows of the next tile. A few rows alone wait for the latency of their sums: the last two tiles share what is left.
static inline size_t tile_rows_avx512(size_t left) {
    if (left > 2 * MR && left < 3 * MR) return MR;
    return left < 2 * MR ? left : 2 * MR;
}

// Packs six rows at once through 8 × 8 transposes; the scalar version costs a tenth of a narrow product.
CK_AVX2 static void pack_six_rows_avx2(const float *a, size_t lda, size_t kc, float *panel) {
    size_t k = 0;
    for (; k + 8 <= kc; k += 8) {
        __m256 r0 = _mm256_loadu_ps(a + k), r1 = _mm256_loadu_ps(a + lda + k), r2 = _mm256_loadu_ps(a + 2 * lda + k),
               r3 = _mm256_loadu_ps(a + 3 * lda + k), r4 = _mm256_loadu_ps(a + 4 * lda + k),
               r5 = _mm256_loadu_ps(a + 5 * lda + k);
        __m256 t0 = _mm256_unpacklo_ps(r0, r1), t1 = _mm256_unpackhi_ps(r0, r1);
        __m256 t2 = _mm256_unpacklo_ps(r2, r3), t3 = _mm256_unpackhi_ps(r2, r3);
        __m256 t4 = _mm256_unpacklo_ps(r4, r5), t5 = _mm256_unpackhi_ps(r4, r5);
        // Quads of rows 0–3 for one k, pairs of rows 4–5 for one k; low lane holds k, high lane k + 4.
        __m256 q0 = _mm256_shuffle_ps(t0, t2, 0x44), q1 = _mm256_shuffle_ps(t0, t2, 0xEE);
        __m256 q2 = _mm256_shuffle_ps(t1, t3, 0x44), q3 = _mm256_shuffle_ps(t1, t3, 0xEE);
        float *d = panel + k * MR;
        _mm_storeu_ps(d, _mm256_castps256_ps128(q0));
        _mm_storel_pi((__m64 *)(d + 4), _mm256_castps256_ps128(t4));
        _mm_storeu_ps(d + 6, _mm256_castps256_ps128(q1));
        _mm_storeh_pi((__m64 *)(d + 10), _mm256_castps256_ps128(t4));
        _mm_storeu_ps(d + 12, _mm256_castps256_ps128(q2));
        _mm_storel_pi((__m64 *)(d + 16), _mm256_castps256_ps128(t5));
        _mm_storeu_ps(d + 18, _mm256_castps256_ps128(q3));
        _mm_storeh_pi((__m64 *)(d + 22), _mm256_castps256_ps128(t5));
        __m128 h4 = _mm256_extractf128_ps(t4, 1), h5 = _mm256_extractf128_ps(t5, 1);
        _mm_storeu_ps(d + 24, _mm256_extractf128_ps(q0, 1));
        _mm_storel_pi((__m64 *)(d + 28), h4);
        _mm_storeu_ps(d + 30, _mm256_extractf128_ps(q1, 1));
        _mm_storeh_pi((__m64 *)(d + 34), h4);
        _mm_storeu_ps(d + 36, _mm256_extractf128_ps(q2, 1));
        _mm_storel_pi((__m64 *)(d + 40), h5);
        _mm_storeu_ps(d + 42, _mm256_extractf128_ps(q3, 1));
        _mm_storeh_pi((__m64 *)(d + 46), h5);
    }
    for (; k < kc; k++)
        for (size_t i = 0; i < MR; i++) panel[k * MR + i] = a[i * lda + k];
}
#endif

#if CK_X86
// Sixteen columns of m rows: bias and GELU without a call, so that rows overlap in the pipeline.
CK_AVX2 static void finish_tile_avx2(float *c, size_t ldc, size_t m, const float *bias, int gelu) {
    __m256 b0 = _mm256_loadu_ps(bias), b1 = _mm256_loadu_ps(bias + 8);
    for (size_t i = 0; i < m; i++) {
        float *row = c + i * ldc;
        __m256 x0 = _mm256_add_ps(_mm256_loadu_ps(row), b0), x1 = _mm256_add_ps(_mm256_loadu_ps(row + 8), b1);
        if (gelu) {
            x0 = gelu_vector_avx2(x0);
            x1 = gelu_vector_avx2(x1);
        }
        _mm256_storeu_ps(row, x0);
        _mm256_storeu_ps(row + 8, x1);
    }
}
#endif

static void finish_rows(float *c, size_t ldc, size_t m, size_t n, const float *bias, enum ck_epilogue epilogue) {
    if (epilogue == CK_EPILOGUE_NONE) return;
#if CK_X86
    if (n == NR && ck_use_avx2()) {
        finish_tile_avx2(c, ldc, m, bias, epilogue == CK_EPILOGUE_BIAS_GELU);
        return;
    }
#endif
    for (size_t i = 0; i < m; i++) {
        float *row = c + i * ldc;
        for (size_t j = 0; j < n; j++) row[j] += bias[j];
        if (epilogue == CK_EPILOGUE_BIAS_GELU) ck_gelu(row, n);
    }
}

// Rows of the packed block times every tile of columns.
static void multiply_block(const float *panels, const float *packed, size_t kc, float *c, size_t ldc, size_t mc,
                           size_t N, int first, int last, const float *bias, enum ck_epilogue epilogue) {
    int avx2 = ck_use_avx2(), avx512 = ck_use_avx512();
    // Weights come from memory. While all rows are multiplied by one tile of them, the next one, which lies behind it,
    // is fetched into the second-level cache, a share with each tile of rows. What is asked for past the end does no
    // harm.
    size_t tile_rows = avx512 ? 2 * MR : MR, row_tiles = (mc + tile_rows - 1) / tile_rows;
    size_t stride = (NR * sizeof(float) + row_tiles - 1) / row_tiles;
    for (size_t n = 0; n < N; n += NR) {
        size_t columns = N - n < NR ? N - n : NR;
        const float *b = packed + n * kc;
        uintptr_t ahead = (uintptr_t)b + NR * kc * sizeof(float);
        for (size_t m = 0, rows; m < mc; m += rows) {
            rows = mc - m < MR ? mc - m : MR;
            float *out = c + m * ldc + n;
#if CK_X86
            if (avx512) {
                rows = tile_rows_avx512(mc - m);
                multiply_tile_avx512(panels + m * kc, b, kc, out, ldc, rows, columns, first, ahead, stride);
                ahead += stride * kc;
                continue;
            }
            if (avx2) {
                multiply_tile_avx2(panels + m * kc, b, kc, out, ldc, rows, columns, first, ahead, stride);
                ahead += stride * kc;
                continue;
            }
#endif
            multiply_tile_portable(panels + m * kc, b, kc, out, ldc, rows, columns, first);
        }
        // While the 16 columns of these rows are still in the first-level cache.
        if (last) finish_rows(c + n, ldc, mc, columns, bias ? bias + n : NULL, bias ? epilogue : CK_EPILOGUE_NONE);
    }
    (void)avx2;
    (void)avx512;
    (void)stride;
}

static void pack_panels(const float *a, size_t lda, size_t mc, size_t kc, float *panels) {
    for (size_t m = 0; m < mc; m += MR) {
        size_t rows = mc - m < MR ? mc - m : MR;
#if CK_X86
        if (rows == MR && ck_use_avx2()) {
            pack_six_rows_avx2(a + m * lda, lda, kc, panels + m * kc);
            continue;
        }
#endif
        pack_rows(a + m * lda, lda, rows, kc, panels + m * kc);
    }
}

static void multiply(const float *a, size_t lda, const float *packed, const float *bias, enum ck_epilogue epilogue,
                     float *c, size_t ldc, size_t M, size_t N, size_t K, float *scratch, int accumulate) {
    size_t padded = (N + NR - 1) / NR * NR;
    for (size_t m0 = 0; m0 < M; m0 += MC) {
        size_t mc = M - m0 < MC ? M - m0 : MC;
        for (size_t k0 = 0; k0 < K; k0 += KC) {
            size_t kc = K - k0 < KC ? K - k0 : KC;
            pack_panels(a + m0 * lda + k0, lda, mc, kc, scratch);
            multiply_block(scratch, packed + k0 * padded, kc, c + m0 * ldc, ldc, mc, N, k0 == 0 && !accumulate,
                           k0 + kc == K, bias, epilogue);
        }
    }
}

void ck_gemm(const float *a, size_t lda, const float *packed, const float *bias, enum ck_epilogue epilogue, float *c,
             size_t ldc, size_t M, size_t N, size_t K, float *scratch) {
    multiply(a, lda, packed, bias, epilogue, c, ldc, M, N, K, scratch, 0);
}

void ck_gemm_accumulate(const float *a, size_t lda, const float *packed, float *c, size_t ldc, size_t M, size_t N,
                        size_t K, float *scratch) {
    multiply(a, lda, packed, NULL, CK_EPILOGUE_NONE, c, ldc, M, N, K, scratch, 1);
}

void ck_gemm_transposed(const float *a, size_t lda, const float *packed, float *c, size_t ldc, size_t M, size_t N,
                        size_t K, int accumulate, float *scratch) {
    size_t padded = (N + NR - 1) / NR * NR;
    for (size_t m0 = 0; m0 < M; m0 += MC) {
        size_t mc = M - m0 < MC ? M - m0 : MC;
        for (size_t k0 = 0; k0 < K; k0 += KC) {
            size_t kc = K - k0 < KC ? K - k0 : KC;
            for (size_t m = 0; m < mc; m += MR)
                pack_columns(a + k0 * lda + m0 + m, lda, mc - m < MR ? mc - m : MR, kc, scratch + m * kc);
            multiply_block(scratch, packed + k0 * padded, kc, c + m0 * ldc, ldc, mc, N, k0 == 0 && !accumulate, 0, NULL,
                           CK_EPILOGUE_NONE);
        }
    }
}
