// Numeric kernels of Polylex. Every function is thread-safe and single-threaded: callers parallelise, at one level.
// Results depend only on the inputs named, never on the position of a row in a batch, so vectors are batch-invariant.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Which kernels the calling thread uses.
enum ck_instructions {
    /// Plain C; sums in another order than the vector kernels, so other bits.
    CK_PORTABLE = 0,
    /// AVX2, FMA and F16C.
    CK_AVX2_FMA = 1,
    /// AVX-512 for the matrix product, else AVX2: the same bits as CK_AVX2_FMA.
    CK_AVX512_FMA = 2,
};
enum ck_instructions ck_instructions(void);
/// Keeps the calling thread to kernels up to `most`; CK_AVX512_FMA gives the choice back to the processor. For tests.
void ck_limit_instructions(enum ck_instructions most);
/// Names the arithmetic in use, which decides the last bits of every result: "x86-64 fma" (AVX2 and AVX-512 alike),
/// "x86-64 portable", "aarch64 portable" or "portable".
const char *ck_arithmetic(void);

// ---- gemm.c: C[M,N] = A[M,K] · W[N,K]ᵀ with W packed once ----------------------------------------------------------
// Every element is one chain of fused multiply-adds over k, in blocks of CK_GEMM_KC added in order: bitwise the same
// wherever its row stands in A and its column in W.

enum {
    CK_GEMM_COLUMN_TILE = 16,
    CK_GEMM_ROW_TILE = 6,
    CK_GEMM_KC = 384,
};

/// What is done to an element after its sum is complete.
enum ck_epilogue {
    CK_EPILOGUE_NONE = 0,
    /// + bias[n]
    CK_EPILOGUE_BIAS = 1,
    /// gelu(· + bias[n]), exact (erf) form
    CK_EPILOGUE_BIAS_GELU = 2,
};

/// Floats a packed W[N,K] takes: N rounded up to CK_GEMM_COLUMN_TILE, times K.
size_t ck_gemm_packed_count(size_t N, size_t K);
/// Packs rows n0 … n0+rows of W (row stride ldw floats) into `packed`, which holds ck_gemm_packed_count(N, K) floats,
/// 32-byte aligned. n0 is a multiple of CK_GEMM_COLUMN_TILE; columns past N are zero.
void ck_gemm_pack(const float *w, size_t ldw, size_t n0, size_t rows, size_t N, size_t K, float *packed);
/// Packs rows k0 … k0+rows of B[K,N] (row stride ldb) in the same layout, for C = A · B: the backward form of a weight
/// (dX = dY · W) and the activations of a weight gradient (dW = dYᵀ · X). `packed` holds ck_gemm_packed_count(N, K).
void ck_gemm_pack_rows(const float *b, size_t ldb, size_t k0, size_t rows, size_t K, size_t N, float *packed);
/// Floats of scratch one ck_gemm call needs, for any M and K; 32-byte aligned.
size_t ck_gemm_scratch_count(void);
/// C[M,N] (row stride ldc) = epilogue(A[M,K] (row stride lda) · packed W). bias may be NULL for CK_EPILOGUE_NONE.
void ck_gemm(const float *a, size_t lda, const float *packed, const float *bias, enum ck_epilogue epilogue,
             float *c, size_t ldc, size_t M, size_t N, size_t K, float *scratch);
/// C += A · packed.
void ck_gemm_accumulate(const float *a, size_t lda, const float *packed, float *c, size_t ldc, size_t M, size_t N,
                        size_t K, float *scratch);
/// C[M,N] = A[K,M]ᵀ (row stride lda) · packed [K,N]; C += … with accumulate.
void ck_gemm_transposed(const float *a, size_t lda, const float *packed, float *c, size_t ldc, size_t M, size_t N,
                        size_t K, int accumulate, float *scratch);

// ---- activation.c ---------------------------------------------------------------------------------------------------
/// x[i] = gelu(x[i]) = x · ½(1 + erf(x/√2)), |error| ≤ 1e-6 · max(1, |x|).
void ck_gelu(float *x, size_t count);
/// value = gelu(z), out = gradient · gelu'(z); out may be gradient.
void ck_gelu_backward(const float *z, const float *gradient, float *out, float *value, size_t count);
/// x[i] = erf(x[i])
void ck_erf(float *x, size_t count);
/// x[i] = exp(x[i])
void ck_exp(float *x, size_t count);
/// x · ½(1 + tanh(√(2/π)(x + 0.044715 x³))), |error| ≤ 1e-6 · max(1, |x|), and its backward as ck_gelu_backward's.
void ck_gelu_tanh(float *x, size_t count);
void ck_gelu_tanh_backward(const float *z, const float *gradient, float *out, float *value, size_t count);
/// x / (1 + exp(−x)), and its backward.
void ck_silu(float *x, size_t count);
void ck_silu_backward(const float *z, const float *gradient, float *out, float *value, size_t count);
/// x = max(x, 0), NaN kept.
void ck_relu(float *x, size_t count);
/// gradient = value > 0 ? gradient : 0
void ck_relu_backward(const float *value, float *gradient, size_t count);

// ---- normalization.c ------------------------------------------------------------------------------------------------
/// For each of M rows of x and residual [M,C]: out = LayerNorm(x + residual) · gamma + beta. residual may be NULL; out
/// may be x. sums [M,C] = x + residual is written and may be x or out; statistics [M,2] = mean, 1 / σ, or NULL. With
/// sums kept apart from out they are what backward needs.
void ck_layer_norm_forward(const float *x, const float *residual, const float *gamma, const float *beta, float epsilon,
                           float *sums, float *statistics, float *out, size_t M, size_t C);
/// dsums [M,C] = gradient of the forward's sums for dout = gradient of its out; dsums may be dout.
/// dgamma and dbeta [C] are added to; both may be NULL.
void ck_layer_norm_backward(const float *dout, const float *sums, const float *statistics, const float *gamma,
                            float *dsums, float *dgamma, float *dbeta, size_t M, size_t C);
/// Scales each of M rows to length 1, sum of squares in double. Returns the first row whose length is zero or not
/// finite, or M.
size_t ck_l2_normalize(float *x, size_t M, size_t C);
/// 1 when every value is finite.
int ck_all_finite(const float *x, size_t count);

// ---- dropout.c ------------------------------------------------------------------------------------------------------
/// Which random numbers a dropout site draws: the factor of (row, column) is a function of these alone.
struct ck_dropout {
    uint32_t key[2];
    uint32_t step[2];
    /// Below 4096.
    uint32_t site;
    /// 0 … below 1.
    float probability;
};
/// One Philox4x32-10 block.
void ck_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);
/// x [M,C]: each element is 0 with the probability, else multiplied by 1 / (1 − probability). Rows are numbered from
/// first_row on. The backward pass is the same call.
void ck_dropout_rows(const struct ck_dropout *dropout, float *x, size_t first_row, size_t M, size_t C);

// ---- attention.c ----------------------------------------------------------------------------------------------------
/// One sequence: q [rows, H·D], k and v [T, H·D], each with its row stride.
struct ck_attention_input {
    const float *q, *k, *v;
    size_t ldq, ldk, ldv, rows, T, H, D;
    /// Place of query 0 among the keys.
    size_t position;
    /// A query looks at keys no further away than this; SIZE_MAX for all.
    size_t window;
    /// NULL, or what is added to the scaled score of head h: bias[h · bias_stride + place of key − place of query].
    /// Forward without dropout only.
    const float *bias;
    size_t bias_stride;
};
/// Self-attention: out[i] = Σ_j softmax_j(q_i · k_j / √D) v_j for every head, out [rows, H·D] (row stride ldo).
/// With dropout its probabilities are dropped, query i being row first_row + i of the site; NULL for none.
/// scratch holds ck_attention_scratch_count(T, D) floats.
void ck_attention(const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row, float *out,
                  size_t ldo, float *scratch);
/// Gradients of q, k and v (overwritten; dk and dv share the row stride lddk) for dout [rows, H·D].
void ck_attention_backward(const struct ck_attention_input *in, const struct ck_dropout *dropout, size_t first_row,
                           const float *dout, size_t lddo, float *dq, size_t lddq, float *dk, float *dv, size_t lddk,
                           float *scratch);
size_t ck_attention_scratch_count(size_t T, size_t D);
/// Rotary positions: x [rows, H·D] (row stride ldx), row r by the angles whose cosines and sines [rows, D/2] are given,
/// first and second half of each head a pair; direction 1, or −1 for the gradient.
void ck_rotate_rows(float *x, size_t ldx, size_t rows, size_t H, size_t D, const float *cosines, const float *sines,
                    float direction);

// ---- optimizer.c ----------------------------------------------------------------------------------------------------
/// Constants of one AdamW step.
struct ck_adamw {
    /// 1 − rate · weight decay
    float decay;
    float gradient_scale;
    float one_minus_beta1;
    float beta2, one_minus_beta2;
    /// rate / (1 − beta1^step)
    float step_size;
    /// √(1 − beta2^step)
    float second_correction;
    float epsilon;
};
/// p, m and v [count] after one step with gradient g.
void ck_adamw(const struct ck_adamw *update, float *p, const float *g, float *m, float *v, size_t count);
/// *sum = Σ x², in double.
void ck_sum_squares(const float *x, size_t count, double *sum);

// ---- rows.c ---------------------------------------------------------------------------------------------------------
/// out[C] = mean of rows of x [rows, C].
void ck_mean_rows(const float *x, size_t rows, size_t C, float *out);
/// out[C] = (out + a) + b.
void ck_add_rows(const float *a, const float *b, float *out, size_t C);
/// out[N] += Σ rows of x [M,N] (row stride ldx), in row order.
void ck_add_column_sums(const float *x, size_t ldx, size_t M, size_t N, float *out);
/// y += x
void ck_add(const float *x, float *y, size_t count);
/// y *= x
void ck_multiply(const float *x, float *y, size_t count);

// ---- scores.c -------------------------------------------------------------------------------------------------------
/// Adds to *greater the scores above gold and to *equal those equal to it. NaN counts as neither.
void ck_count_ranks(const float *scores, size_t count, float gold, uint32_t *greater, uint32_t *equal);
/// Keeps the k highest scores seen so far, highest first, equal scores by ascending row: `best` and `rows` hold k
/// entries, `filled` of them in use; the scores are those of rows first_row, first_row + 1, …; calls come in ascending
/// row order. NaN is never kept. Returns the new `filled`.
size_t ck_top_rows(const float *scores, size_t count, uint32_t first_row, size_t k, size_t filled, float *best,
                   uint32_t *rows);
/// The same without rows: the k highest values, which do not depend on the order of the calls.
size_t ck_largest(const float *scores, size_t count, size_t k, size_t filled, float *best);
/// Inner product summed in double: the same bits on every machine.
double ck_dot_double(const float *a, const float *b, size_t count);

// ---- integer_products.c ---------------------------------------------------------------------------------------------
// Rows rounded to signed bytes about a centre, for products that decide most comparisons of scores; the rest is
// computed in float32. docs/scores.md, "Fewer exact products", has the bounds and their proof.

/// 1 where the processor multiplies bytes faster than floats (AVX-512 VNNI).
int ck_fast_byte_products(void);
/// Most numbers of a row: as many products of 255 · 127 fit into 31 bits.
#define CK_BYTE_DEPTH 65536
/// Groups of four bytes of a row of K numbers.
size_t ck_byte_groups(size_t K);
/// row − centre = scale · bytes + rest.
struct ck_rounded {
    float scale;
    /// At least |row − centre|, in float32 as the bytes were made from it.
    float length;
    /// At least |rest|.
    float error;
    /// (row − centre) · other, summed in float32 in no promised order.
    float product;
    /// Of the bytes.
    int32_t sum;
};
/// Factor by which lengths are given too large, for what summing them in float32 can lose.
#define CK_ROUNDED_MARGIN 1.01
/// bytes [4 groups], past K zero; scratch holds 2 K floats; other [K].
void ck_round_row(const float *row, const float *center, const float *other, size_t K, int8_t *bytes, void *scratch,
                  struct ck_rounded *rounded);
/// Rows of a tile of packed rows.
#define CK_BYTE_COLUMN_TILE 32
/// rows [N, 4 groups] → packed [N rounded up to whole tiles, groups].
void ck_pack_bytes(const int8_t *rows, size_t N, size_t groups, uint32_t *packed);
/// c [M, N rounded up to whole tiles] (row stride ldc) = exact products of the bytes of a [M, 4 groups] and of packed.
void ck_byte_products(const int8_t *a, const struct ck_rounded *rounded, size_t M, const uint32_t *packed, size_t N,
                      size_t groups, int32_t *c, size_t ldc);
// ---- score_decisions.c ----------------------------------------------------------------------------------------------
/// What is known of a block of candidates, one value each. `offset` is added to the estimate of a score.
struct ck_candidates {
    const float *scale, *length, *error, *offset;
};
/// One query's score to compare with, and what is known of the query; `length` bounds |scale · numbers|, `slack` what
/// rounding can do to either side.
struct ck_level {
    float level, scale, length, error, slack;
};
/// Adds to *above the candidates whose score is certainly above the level and lists, ascending, those that are neither
/// certainly above nor certainly below in undecided [count + 16]; returns how many those are.
size_t ck_decide(const int32_t *products, const struct ck_candidates *candidates, size_t count,
                 const struct ck_level *level, uint32_t *above, uint32_t *undecided);
/// out[i] = a · row rows[i] of b (row stride ldb), summed in no promised order.
void ck_row_products(const float *a, const float *b, size_t ldb, const uint32_t *rows, size_t count, size_t K,
                     float *out);
/// out[i] = a · row rows[i] of b (row stride ldb), bit for bit as ck_gemm gives it.
void ck_chain_products(const float *a, const float *b, size_t ldb, const uint32_t *rows, size_t count, size_t K,
                       float *out);

// ---- half_precision.c -----------------------------------------------------------------------------------------------
/// IEEE half precision, round to nearest even; the same bits on every processor.
void ck_float_to_half(const float *input, uint16_t *output, size_t count);
/// halves: at any alignment; exact.
void ck_half_to_float(const void *halves, float *output, size_t count);
/// float64 values, little-endian, at any alignment; rounded to nearest even.
void ck_double_to_float(const void *values, float *output, size_t count);
/// bfloat16 values, little-endian, at any alignment; exact.
void ck_bfloat16_to_float(const void *values, float *output, size_t count);

// ---- vector_scan.c --------------------------------------------------------------------------------------------------
// scores[r] = codes[r] · query for row-major codes [rows, dimension] at any alignment. Equal rows get equal bits
// wherever they stand.
void ck_inner_products_half(const void *codes, size_t rows, size_t dimension, const float *query, float *scores);
void ck_inner_products_float(const void *codes, size_t rows, size_t dimension, const float *query, float *scores);
/// scores[r] = bias + Σ weights[i] · codes[r, i] for unsigned bytes: the scale and offset of each dimension are folded
/// into weights and bias by the caller.
void ck_inner_products_byte(const void *codes, size_t rows, size_t dimension, const float *weights, float bias,
                            float *scores);

// ---- resampling.c ---------------------------------------------------------------------------------------------------
/// Sums of bootstrap samples of the rows of `values` [rows, columns]: sums[d, c] adds column c of `rows` rows drawn
/// with replacement. All columns see the same rows. Draw first_draw + d is a function of seed, rows and its number
/// alone.
void ck_bootstrap_sums(const double *values, size_t rows, size_t columns, uint64_t seed, size_t first_draw,
                       size_t draws, double *sums);
/// Sums of `values` under random signs, each of the rows keeping or changing its own: sums[d].
void ck_sign_flip_sums(const double *values, size_t rows, uint64_t seed, size_t first_draw, size_t draws, double *sums);

#ifdef __cplusplus
}
#endif
#endif
