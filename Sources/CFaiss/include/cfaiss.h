// FAISS behind C functions: writes the bytes of index files through a sink, decides nothing else.
// Every function returns 0, or -1 with the reason in cfaiss_last_error() (of the calling thread). FAISS runs on the
// calling thread alone, so what is written is the same every time.
#ifndef CFAISS_H
#define CFAISS_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Version of the FAISS headers this was built with, "1.7.3".
const char *cfaiss_version(void);
/// Why the last call on this thread failed; empty when none did.
const char *cfaiss_last_error(void);

/// Receives the bytes of a file in order; returns 0, or anything else to stop.
typedef int (*cfaiss_sink)(void *context, const void *bytes, size_t count);

enum cfaiss_kind {
    /// IndexFlat, inner product
    CFAISS_FLAT = 0,
    /// IndexScalarQuantizer QT_fp16, inner product
    CFAISS_HALF = 1,
    /// IndexScalarQuantizer QT_8bit, inner product; `trained` holds 2 · dimension floats
    CFAISS_BYTE = 2,
};

/// What write_index writes for an index of `rows` vectors up to its codes: ends with the 8-byte count of the codes,
/// which is 0 because none are given; the caller replaces it and appends the codes.
int cfaiss_write_header(enum cfaiss_kind kind, size_t dimension, size_t rows, const float *trained, cfaiss_sink sink,
                        void *context);

/// Ranges of QT_8bit from rows [rows, dimension]: trained[0 … d-1] minima, trained[d … 2d-1] widths.
int cfaiss_byte_train(size_t dimension, size_t rows, const float *vectors, float *trained);
/// Codes of QT_8bit, [rows, dimension] bytes.
int cfaiss_byte_encode(size_t dimension, const float *trained, size_t rows, const float *vectors, uint8_t *codes);

/// Builds IndexHNSWFlat (inner product) over rows [rows, dimension] and writes the whole file.
int cfaiss_hnsw_write(size_t dimension, size_t links, size_t construction_breadth, size_t rows, const float *vectors,
                      cfaiss_sink sink, void *context);

#ifdef __cplusplus
}
#endif
#endif
