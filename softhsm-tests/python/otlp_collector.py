"""A collector of OpenTelemetry: takes OTLP over HTTP and writes what it was sent, decoded, one line of JSON a request.

    otlp_collector.py PORT FILE [CERTIFICATE KEY]

PORT 0: any. With a certificate: over TLS. Prints the port. The messages are those of opentelemetry-proto; script/bootstrap installs it.
"""

import http.server
import json
import os
import ssl
import sys

_CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
sys.path.insert(0, os.path.join(_CACHE, "ukeyd", "python-protocols"))

from google.protobuf.json_format import MessageToDict  # noqa: E402
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics  # noqa: E402
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace  # noqa: E402

KINDS = {
    "/v1/metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
    "/v1/traces": (trace.ExportTraceServiceRequest, trace.ExportTraceServiceResponse),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path not in KINDS or self.headers["Content-Type"] != "application/x-protobuf":
            self.send_error(404)
            return
        request, response = KINDS[self.path]
        message = request()
        message.ParseFromString(body)
        if message.ByteSize() != len(body) or message.FindInitializationErrors():
            self.send_error(400)
            return
        line = {"path": self.path, "headers": dict(self.headers), "message": MessageToDict(message)}
        with open(sys.argv[2], "a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        answer = response().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
