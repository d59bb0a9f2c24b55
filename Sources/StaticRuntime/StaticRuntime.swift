// A release program has the Swift library in it: as shared libraries, relocating them takes a third of the time of a
// short question. This target's settings in Package.swift do it. The file is compiled for that linking, so its import
// names what static Foundation stands on (its ICU, CoreFoundation) for whichever version of Swift builds it.
//
// It is a part of the three products alone. A setting of the programs' targets would reach the tests' release build,
// whose testing library is a shared one and brings the shared Swift library: there would be two in one process.

import Foundation
