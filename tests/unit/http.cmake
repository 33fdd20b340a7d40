yogi_unit(route yogi_http)
yogi_unit(lanes yogi_outbox)
yogi_unit(vault yogi_vault)
yogi_unit(drawing yogi_studio)
