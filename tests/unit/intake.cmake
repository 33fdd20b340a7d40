# intake and classification: pictures, PDF, DOCX, XLSX, refusals
foreach(name intake_picture intake_pdf intake_office intake_refuse intake_classify)
  yogi_unit(${name} stage_classification yogi_intake yogi_picture yogi_proto PkgConfig::dep_libzip PkgConfig::dep_poppler_glib m)
  target_compile_definitions(unit_${name} PRIVATE FIXTURES="${CMAKE_SOURCE_DIR}/tests/fixtures/intake/")
  set_tests_properties(unit.${name} PROPERTIES ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp")
endforeach()
