// IndexHNSW.h includes omp.h, which the Swift toolchain's clang does not ship. FAISS's headers only mention this type
// behind pointers and references; the code that uses it was compiled with GCC's own.
#ifndef CFAISS_OMP_H
#define CFAISS_OMP_H

typedef struct omp_lock omp_lock_t;

#ifdef __cplusplus
extern "C" {
#endif
/// From libgomp. The setting belongs to the calling thread.
void omp_set_num_threads(int);
#ifdef __cplusplus
}
#endif
#endif
