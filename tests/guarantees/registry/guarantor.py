"""A guarantor's instance in an operating-system process of its own: the whole application behind a socket."""

from multiprocessing.connection import Connection
from wsgiref.simple_server import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def main(track: Connection) -> None:
    """Serve until told to stop; the first thing said is the port."""
    from config.wsgi import application

    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        server.timeout = 0.1
        track.send(server.server_port)
        while not track.poll():
            server.handle_request()
