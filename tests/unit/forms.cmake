yogi_unit(form yogi_proto)
yogi_unit(form_render stage_render)

# the forms as programs of others read them: dossiers are packed by tests/integration/forms_dossier.py, printed by forms_print
add_executable(forms_print ${CMAKE_SOURCE_DIR}/tests/integration/forms_print.c)
target_link_libraries(forms_print PRIVATE yogi_proto)
pkg_check_modules(LIBICAL REQUIRED IMPORTED_TARGET libical)
add_executable(forms_ical ${CMAKE_SOURCE_DIR}/tests/integration/forms_ical.c)
target_link_libraries(forms_ical PRIVATE PkgConfig::LIBICAL)

find_program(PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED) # Debian's, which has Debian's modules
foreach(name ics schema csv html)
  add_test(NAME integration.forms_${name}
           COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/integration/forms_${name}.py $<TARGET_FILE:forms_print> $<TARGET_FILE:forms_ical>)
  set_tests_properties(integration.forms_${name} PROPERTIES TIMEOUT 120 LABELS integration)
endforeach()
