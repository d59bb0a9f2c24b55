#include "cprocess.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void cp_give_back_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
