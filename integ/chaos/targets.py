# SPDX-License-Identifier: ISC
"""The endpoints: one process that listens for all their addresses, and fails for each
as it is told, by lines "ADDRESS MODE" on its standard input. Usage: targets.py PORT
TLS-PORT CERTIFICATE KEY WRONG-CERTIFICATE WRONG-KEY. See harness/punctual.py."""

import asyncio
import logging
import os
import resource
import socket
import ssl
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness.punctual import BEAT_S, Beats  # noqa: E402

HTTP_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
HTTP_500 = b"HTTP/1.1 500 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n"
HANG_S = 4
GONE_S = HANG_S + 1  # who asks nothing in that time was cut off, or died
modes = {}


def context(certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


async def answer(mode, reader, writer):
    if mode == "garbage":
        writer.write(b"\x00\xffSSH-2.0-whatever\r\n\r\n" * 10)
        return
    await reader.readuntil(b"\r\n\r\n")
    if mode == "mute":
        await asyncio.sleep(HANG_S)
    elif mode == "slow":
        for byte in HTTP_OK:
            if writer.is_closing():
                return
            writer.write(bytes([byte]))
            await asyncio.sleep(HANG_S / len(HTTP_OK))
    elif mode == "500":
        writer.write(HTTP_500)
    elif mode != "close":
        writer.write(HTTP_OK)


async def serve(reader, writer, contexts):
    sock = writer.get_extra_info("socket")
    mode = modes.get(sock.getsockname()[0], "ok")
    if mode == "reset":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return
    if contexts:
        await writer.start_tls(contexts[mode == "tls"])
    await answer(mode, reader, writer)


def server(contexts):
    async def quietly(reader, writer):
        plain = writer.transport  # that of TLS can't be aborted when its handshake has failed
        try:
            async with asyncio.timeout(GONE_S):
                await serve(reader, writer, contexts)
            writer.close()
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            plain.abort()

    return quietly


async def beat(beats):
    while True:
        beats.beat()
        await asyncio.sleep(BEAT_S)


async def main(port, tls_port, *certificates):
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of clients that hang up
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    contexts = context(*certificates[:2]), context(*certificates[2:])
    servers = [
        await asyncio.start_server(server(None), "0.0.0.0", port, backlog=1024),
        await asyncio.start_server(server(contexts), "0.0.0.0", tls_port, backlog=1024),
    ]
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    beats = Beats()
    beating = asyncio.create_task(beat(beats))
    print("ready", flush=True)
    while line := await lines.readline():
        words = line.decode().split()
        if words == ["late"]:
            print(beats.take(), flush=True)
            continue
        modes[words[0]] = words[1]
        print("done", flush=True)
    beating.cancel()
    for one in servers:
        one.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
