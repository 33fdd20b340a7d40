# the protocol and the pure machines of broker, owner and host
yogi_unit(message yogi_proto)
target_compile_definitions(unit_message PRIVATE YOGI_SOURCE="${CMAKE_SOURCE_DIR}")
yogi_unit(scheduler yogi_broker)
yogi_unit(scheduler_owner yogi_broker)
yogi_unit(ident yogi_base)
yogi_unit(timers yogi_broker)
yogi_unit(link yogi_proto)
yogi_unit(host_jobs yogi_host)
