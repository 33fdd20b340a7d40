#!/usr/bin/python3
"""delay: passes TCP connections on and holds every byte back for a while, in both directions, as a long line does.

    delay.py LISTEN-HOST PORT TO-HOST PORT MILLISECONDS

Kernels without netem have nothing of their own for that. Says "ready" when it listens."""
import asyncio
import sys

CHUNK, CHUNKS_MOST = 65536, 256  # bytes at once; chunks under way in a direction


async def deliver(queue, writer):
    while True:
        due, data = await queue.get()
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        if not data:
            return
        writer.write(data)
        await writer.drain()


async def carry(reader, writer, seconds):
    queue = asyncio.Queue(CHUNKS_MOST)
    delivery = asyncio.create_task(deliver(queue, writer))
    try:
        while True:
            data = await reader.read(CHUNK)
            await queue.put((asyncio.get_running_loop().time() + seconds, data))
            if not data:
                break
        await delivery
    except OSError:
        delivery.cancel()
    finally:
        writer.close()


async def main(host, port, to_host, to_port, milliseconds):
    seconds = float(milliseconds) / 1000

    async def serve(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(to_host, int(to_port))
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, far_writer, seconds), carry(far_reader, writer, seconds))
    server = await asyncio.start_server(serve, host, int(port))
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
