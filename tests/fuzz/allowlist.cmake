# allow-lists and certificates
yogi_fuzz(allowlist yogi_wire)
