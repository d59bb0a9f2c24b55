// The toolchain's Glibc module leaves it out.
#include <sys/vfs.h>
