#include "cfaiss.h"
#include <faiss/Index.h>

#define CFAISS_STRING2(x) #x
#define CFAISS_STRING(x) CFAISS_STRING2(x)

extern "C" const char *cfaiss_version(void) {
    return CFAISS_STRING(FAISS_VERSION_MAJOR) "." CFAISS_STRING(FAISS_VERSION_MINOR) "." CFAISS_STRING(FAISS_VERSION_PATCH);
}
