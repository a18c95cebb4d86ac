# cf_options carries every compiler flag of ours; nothing is set globally but the language standard.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(CF_WERROR "Treat warnings as errors (development only, never for packagers)" OFF)
set(CF_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(cf_options INTERFACE)
target_include_directories(cf_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(cf_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wcast-align -Wdouble-promotion -Wextra-semi -Wnon-virtual-dtor
  -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
  $<$<BOOL:${CF_WERROR}>:-Werror>)
if(CF_SANITIZE)
  target_compile_options(cf_options INTERFACE -fsanitize=${CF_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(cf_options INTERFACE -fsanitize=${CF_SANITIZE})
endif()
