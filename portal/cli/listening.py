"""Listening on a port until told to stop, and ending cleanly then."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Generator
from typing import Any

import click
import httpx
import uvicorn

from portal.cli.head import LimitedHead
from portal.cli.stores import Refusal


class _Server(uvicorn.Server):
    """Stops on SIGTERM and lets what holds it finish; uvicorn's own ends the process right after the last answer."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take the signals for as long as the server runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def run(app: Any, host: str, port: int, announce: str) -> None:
    """Serve until told to stop; say „Ready” once the product answers. Raises Refusal if it never does."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=5,
        http=LimitedHead,
        proxy_headers=False,
        lifespan="on",
    )
    server = _Server(config)
    ready = asyncio.create_task(_announce(host, port, announce))
    try:
        await server.serve()
    finally:
        ready.cancel()
    if not server.started:
        raise Refusal("The portal could not start; the log above says why.")


async def _announce(host: str, port: int, address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(200):
            try:
                answer = await client.get(f"http://{host}:{port}/healthz")
                if answer.status_code == 200:
                    settle()
                    click.echo(f"Ready: {address}/")
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


def settle() -> None:
    """Keep the garbage collector off what the start has made: each dossier read would have it all looked through.

    With fifty readers at once that was a third of the processor's time (`make bench`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)


def refuse_busy(port: int, host: str = "127.0.0.1") -> None:
    """Raise Refusal for a port another program listens on, naming the next free one."""
    if _free(host, port):
        return
    other = next((p for p in range(port + 1, min(port + 200, 65_536)) if _free(host, p)), None)
    hint = f" Port {other} is free: --port {other}" if other else ""
    raise Refusal(f"Port {port} is busy: another program listens there.{hint}")


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
