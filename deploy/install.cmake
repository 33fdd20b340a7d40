# Where everything lies on a machine: programs beside one another in lib/yogi (they find each other there), the command in
# bin, units, the user, settings in /etc/yogi. deploy/install and the .deb both follow from this.
set(programs yogi yogi-actor yogi-broker yogi-doctor yogi-gateway yogi-keys yogi-logs yogi-migrate yogi-stats yogi-submit
             yogi-tokens yogi-up yogi-worker)
foreach(program yogi-bridge yogi-queue)
  if(TARGET ${program})
    list(APPEND programs ${program})
  endif()
endforeach()
install(TARGETS ${programs} RUNTIME DESTINATION lib/yogi COMPONENT yogi)

file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/link)
file(CREATE_LINK ../lib/yogi/yogi ${CMAKE_CURRENT_BINARY_DIR}/link/yogi SYMBOLIC)
file(CREATE_LINK ../lib/yogi/host ${CMAKE_CURRENT_BINARY_DIR}/link/yogi-host SYMBOLIC)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/link/yogi ${CMAKE_CURRENT_BINARY_DIR}/link/yogi-host DESTINATION bin COMPONENT yogi)

set(systemd ${CMAKE_CURRENT_SOURCE_DIR}/systemd)
install(PROGRAMS ${systemd}/host DESTINATION lib/yogi COMPONENT yogi)
install(FILES ${systemd}/yogi-actor@.service ${systemd}/yogi-bridge.service ${systemd}/yogi-broker.service
              ${systemd}/yogi-gateway.service DESTINATION lib/systemd/system COMPONENT yogi)
install(FILES ${systemd}/yogi.conf DESTINATION lib/sysusers.d COMPONENT yogi)
install(FILES ${systemd}/folders.conf DESTINATION lib/tmpfiles.d RENAME yogi.conf COMPONENT yogi)
install(FILES ${systemd}/README.md DESTINATION share/doc/yogi/systemd COMPONENT yogi)
install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION share/doc/yogi COMPONENT yogi)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/yogi RENAME copyright COMPONENT yogi)
# secrets may stand in them; a component of its own, as what somebody has set is not written over
install(FILES ${systemd}/actor.env ${systemd}/bridge.env ${systemd}/broker.env ${systemd}/gateway.env ${systemd}/yogi.env
        DESTINATION /etc/yogi COMPONENT settings PERMISSIONS OWNER_READ OWNER_WRITE)

# The .deb: cpack -G DEB in the build folder. What it depends on is found from what the programs link.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME yogi)
set(CPACK_PACKAGE_CONTACT "Yogi <yogi@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "reads school timetables from photos, scans, PDF, DOCX and XLSX")
set(CPACK_PACKAGE_DESCRIPTION "Gives back the week as timeblocks, with the place on the page that each came from. A command, and\n the services of a system of many machines.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_MONOLITHIC_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_FILE_NAME yogi)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# beside the libraries: models, fonts for pages that embed none, zones (deploy/packages/run), and the maker of the user
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd, fonts-dejavu-core, tesseract-ocr-eng, tesseract-ocr-osd, tzdata")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/postinst ${CMAKE_CURRENT_SOURCE_DIR}/debian/prerm
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/postrm ${CMAKE_CURRENT_SOURCE_DIR}/debian/conffiles)
include(CPack)
