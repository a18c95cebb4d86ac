# The one version string: project(VERSION), plus the commit when built from a git checkout.
set(CF_COMMIT "unknown")
find_package(Git QUIET)
if(Git_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE CF_COMMIT
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT CF_COMMIT)
    set(CF_COMMIT "unknown")
  endif()
endif()
configure_file(${PROJECT_SOURCE_DIR}/common/base/version.cpp.in ${PROJECT_BINARY_DIR}/version.cpp @ONLY)
