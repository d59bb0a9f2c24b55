// Rates of the encoder's kernels beside the fused-multiply-add peak and OpenBLAS, one thread.
// Built and run by tools/benchmarks/benchmark-kernels.
#include "ckernels.h"

#include <cblas.h>
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void openblas_set_num_threads(int);

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); // processor time: other work on the machine does not count
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static float *floats(size_t n) {
    float *p = aligned_alloc(64, (n * 4 + 63) / 64 * 64);
    for (size_t i = 0; i < n; i++) p[i] = (float)(rand() % 2001 - 1000) / 1000;
    return p;
}

// Ten independent chains keep both fused-multiply-add units busy; nothing else is in the loop.
__attribute__((target("avx2,fma"))) static double peak(void) {
    double best = 0;
    for (int round = 0; round < 5; round++) {
        __m256 s[10], a = _mm256_set1_ps(1.000001f), b = _mm256_set1_ps(1e-9f);
        for (int i = 0; i < 10; i++) s[i] = _mm256_set1_ps((float)i);
        const long steps = 30000000;
        double t = now();
        for (long k = 0; k < steps; k++) {
            for (int i = 0; i < 10; i++) s[i] = _mm256_fmadd_ps(s[i], a, b);
            __asm__ volatile("" : "+x"(s[0]), "+x"(s[1]), "+x"(s[2]), "+x"(s[3]), "+x"(s[4]), "+x"(s[5]), "+x"(s[6]),
                             "+x"(s[7]), "+x"(s[8]), "+x"(s[9]));
        }
        double rate = steps * 160.0 / (now() - t) * 1e-9;
        if (rate > best) best = rate;
    }
    return best;
}

int main(void) {
    openblas_set_num_threads(1);
    double top = peak();
    printf("fused-multiply-add peak, AVX2, one thread: %.1f GFLOP/s\n\n", top);
    printf("| M x N x K | packed | share of peak | + bias + GELU | OpenBLAS | packed / OpenBLAS |\n"
           "|---|---:|---:|---:|---:|---:|\n");
    static const int shapes[][3] = {
        {384, 768, 768}, {384, 1536, 768}, {384, 3072, 768}, {384, 768, 3072}, {384, 384, 384},
        {384, 768, 384}, {384, 1536, 384}, {384, 384, 1536}, {64, 768, 768}, {2000, 2048, 384}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        int M = shapes[i][0], N = shapes[i][1], K = shapes[i][2];
        float *a = floats((size_t)M * K), *w = floats((size_t)N * K), *c = floats((size_t)M * N), *bias = floats(N);
        float *packed = floats(ck_gemm_packed_count(N, K)), *scratch = floats(ck_gemm_scratch_count());
        ck_gemm_pack(w, K, 0, N, N, K, packed);
        double work = 2.0 * M * N * K, best[3] = {0};
        int repeats = 1 + (int)(1.5e10 / work);
        for (int round = 0; round < 5; round++) {
            for (int kind = 0; kind < 3; kind++) {
                double t = now();
                for (int r = 0; r < repeats; r++) {
                    if (kind == 0) ck_gemm(a, K, packed, bias, CK_EPILOGUE_BIAS, c, N, M, N, K, scratch);
                    if (kind == 1) ck_gemm(a, K, packed, bias, CK_EPILOGUE_BIAS_GELU, c, N, M, N, K, scratch);
                    if (kind == 2)
                        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, M, N, K, 1, a, K, w, K, 0, c, N);
                }
                double rate = work * repeats / (now() - t) * 1e-9;
                if (rate > best[kind]) best[kind] = rate;
            }
        }
        printf("| %d x %d x %d | %.1f | %.0f %% | %.1f | %.1f | %.2f |\n", M, N, K, best[0], 100 * best[0] / top,
               best[1],
               best[2], best[0] / best[2]);
        fflush(stdout);
        free(a), free(w), free(c), free(bias), free(packed), free(scratch);
    }
    return 0;
}
