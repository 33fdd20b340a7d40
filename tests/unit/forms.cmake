add_executable(forms_print ${CMAKE_SOURCE_DIR}/tests/integration/forms_print.c)
target_link_libraries(forms_print PRIVATE yogi_proto)
