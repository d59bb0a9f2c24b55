// The commit a program was built from: empty here, because a build from an archive knows none and SwiftPM keeps what a
// manifest once found out. tools/package writes it into this section of the finished program (objcopy
// --update-section).

#include "cprocess.h"

enum { room = 64 };

__attribute__((section("polylex_commit"), used)) static const char commit[room] = {0};

const char *cp_commit(void) { return commit; }
