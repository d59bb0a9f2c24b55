// C face of Debian's libsentencepiece: reads a model and hands out its pieces. It converts and catches, no more.
#ifndef CSENTENCEPIECE_H
#define CSENTENCEPIECE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csp_model csp_model;

// Reads a serialised model. Returns NULL on failure, with the library's reason (NUL-ended, cut to capacity) in error.
csp_model *csp_model_create(const void *bytes, size_t size, char *error, size_t capacity);
void csp_model_free(csp_model *model);

int32_t csp_model_size(const csp_model *model);
// Bytes of a piece, owned by the model; length without a terminator. id: 0 ..< size.
const char *csp_model_piece(const csp_model *model, int32_t id, size_t *length);
float csp_model_score(const csp_model *model, int32_t id);

enum { CSP_NORMAL = 0, CSP_UNKNOWN = 1, CSP_CONTROL = 2, CSP_UNUSED = 3, CSP_BYTE = 4 };
int32_t csp_model_kind(const csp_model *model, int32_t id);

// The library's own segmentation with its own normalisation, which Hugging Face's differs from now and then.
// Writes at most capacity ids, returns how many there are; -1 when the library fails.
int64_t csp_model_encode(const csp_model *model, const void *text, size_t size, int32_t *ids, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
