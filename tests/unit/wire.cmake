yogi_unit(endpoint yogi_wire)
yogi_unit(wire yogi_wire PkgConfig::dep_libzmq)
yogi_unit(broker_stages yogi_broker_loop)
yogi_unit(verdict yogi_hosting)
