# ways in, each by itself: what comes out must pass the dossier's limits
foreach(name intake_pdf intake_docx intake_xlsx intake_odf intake_picture)
  yogi_fuzz(${name} yogi_intake yogi_picture yogi_proto)
  target_sources(fuzz_${name} PRIVATE package.c)
  if(TEST fuzz.${name})
    set_tests_properties(fuzz.${name} PROPERTIES ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp")
  endif()
endforeach()
