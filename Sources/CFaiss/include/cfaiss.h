#ifndef CFAISS_H
#define CFAISS_H
#ifdef __cplusplus
extern "C" {
#endif
/// Version string of the linked library.
const char *cfaiss_version(void);
#ifdef __cplusplus
}
#endif
#endif
