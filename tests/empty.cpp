// The headers that all tests read (CMakeLists.txt) need a target, and a target a source.
