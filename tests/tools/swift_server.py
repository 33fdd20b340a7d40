#!/usr/bin/python3
"""swift_server: OpenStack Swift with its S3 interface, in one process above a folder, for tests: a second implementation of S3's
signatures, which has nothing in common with Ceph's.

    swift_server.py FOLDER ID SECRET     prints "ready PORT"; ends when its standard input does

Account, container and object server and the proxy are the real ones (package python3-swift), with one replica of everything.
"""
import sys
from array import array

import eventlet
import eventlet.wsgi

eventlet.monkey_patch()
from swift.common import utils, wsgi  # noqa: E402
from swift.common.ring import RingData  # noqa: E402

utils.HASH_PATH_SUFFIX = b"tests"
from swift.account.server import AccountController  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.server import ObjectController  # noqa: E402

PIPELINE = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats s3api tempauth bulk slo copy proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_{user} = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
dns_compliant_bucket_names = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:copy]
use = egg:swift#copy
"""


class Cache:
    """What memcached is elsewhere."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def delete(self, key, **_):
        self.values.pop(key, None)

    def incr(self, key, delta=1, **_):
        self.values[key] = self.values.get(key, 0) + delta
        return self.values[key]


def with_cache(application, cache):
    def call(env, start):
        env["swift.cache"] = cache
        return application(env, start)
    return call


def serve(application, listener):
    eventlet.spawn(eventlet.wsgi.server, listener, application, log_output=False, debug=False)


def main(folder, user, secret):
    storage = {"account": AccountController, "container": ContainerController, "object": ObjectController}
    conf = {"swift_dir": folder, "devices": folder, "mount_check": "false", "disk_chunk_size": "65536", "fallocate_reserve": "0"}
    for name, controller in storage.items():
        listener = eventlet.listen(("127.0.0.1", 0))
        device = {"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": listener.getsockname()[1], "device": "one"}
        device |= {"replication_ip": device["ip"], "replication_port": device["port"]}
        RingData([array("H", [0, 0])], [device], 31).save(f"{folder}/{name}.ring.gz")
        serve(controller(conf), listener)
    with open(f"{folder}/proxy.conf", "w") as file:
        file.write(PIPELINE.format(folder=folder, user=user.replace(":", "_"), secret=secret))
    proxy = eventlet.listen(("127.0.0.1", 0))
    serve(with_cache(wsgi.loadapp(f"{folder}/proxy.conf"), Cache()), proxy)
    print(f"ready {proxy.getsockname()[1]}", flush=True)
    eventlet.tpool.execute(sys.stdin.read)


if __name__ == "__main__":
    main(*sys.argv[1:])
