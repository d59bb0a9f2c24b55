// What must be so before a program's first own instruction, and before the libraries it is linked with begin; and what
// a program asks of the C library about itself.
#ifndef CPROCESS_H
#define CPROCESS_H

#ifdef __cplusplus
extern "C" {
#endif

/// Descriptors a program needs to say clearly what is wrong when something is.
enum { CP_FEWEST_DESCRIPTORS = 64 };

/// The limit of open descriptors after it was raised as far as is useful and allowed.
long cp_descriptor_limit(void);

/// Gives the system back what is free in the heap, in its middle, too; nothing where the C library cannot.
void cp_give_back_memory(void);

#ifdef __cplusplus
}
#endif

#endif
