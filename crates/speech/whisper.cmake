# Read by the build of whisper.cpp, which whisper-rs-sys does in its own directory (see
# .cargo/config.toml): there, AMX takes only matrices whose rows are multiples of 2048 numbers, out of
# doubt for types that share a scale among 256. Whisper base has rows of 512, and its Q8_0 shares among 32.
set(amx "${CMAKE_SOURCE_DIR}/ggml/src/ggml-cpu/amx/amx.cpp")
if(EXISTS "${amx}")
  file(READ "${amx}" source)
  string(REPLACE "% (TILE_K * 2 * 32) == 0" "% (TILE_K * 8) == 0" patched "${source}")
  if(NOT patched STREQUAL source)
    file(WRITE "${amx}" "${patched}")
  endif()
endif()

# As in a release: a debug build, which whisper-rs-sys makes with -O2, does not unroll the kernels' loops,
# and each of their sums goes through memory.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O3 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -DNDEBUG")
