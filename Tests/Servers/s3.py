"""moto's S3 on a port of 127.0.0.1, which checks each signature first, by code of its own.

    python s3.py PORT

The access key is "AKIATEST" with the secret "test/secret+key". A bucket named "open" needs no signature.
"""

import hashlib
import hmac
import io
import sys
from urllib.parse import quote, unquote

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

access, secret = "AKIATEST", "test/secret+key"


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(method, path, pairs, headers, payload, time, scope):
    """That of Signature Version 4 for S3: the path is taken as it was sent."""
    query = "&".join(sorted(quote(unquote(k), safe="-._~") + "=" + quote(unquote(v), safe="-._~") for k, v in pairs))
    lines = [method, path, query] + ["%s:%s" % (k, " ".join(v.split())) for k, v in headers]
    canonical = "\n".join(lines + ["", ";".join(k for k, _ in headers), payload])
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = sign(key, part)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def problem(environ, body):
    """What is wrong with the signature of a request; None if nothing is."""
    path, _, query = environ["REQUEST_URI"].partition("?")
    if path.startswith("/open/"):
        return None
    pairs = [pair.partition("=")[::2] for pair in query.split("&")] if query else []
    sent = dict(pairs)
    header = {"host": environ["HTTP_HOST"], "content-type": environ.get("CONTENT_TYPE", ""),
              "content-length": environ.get("CONTENT_LENGTH", "")}
    header.update((k[5:].lower().replace("_", "-"), v) for k, v in environ.items() if k.startswith("HTTP_"))
    if "X-Amz-Signature" in sent:
        credential, names = unquote(sent["X-Amz-Credential"]), unquote(sent["X-Amz-SignedHeaders"])
        given, time, payload = sent["X-Amz-Signature"], sent["X-Amz-Date"], "UNSIGNED-PAYLOAD"
        pairs = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    elif environ.get("HTTP_AUTHORIZATION", "").startswith("AWS4-HMAC-SHA256 "):
        fields = dict(f.strip().partition("=")[::2] for f in environ["HTTP_AUTHORIZATION"][17:].split(","))
        credential, names, given = fields["Credential"], fields["SignedHeaders"], fields["Signature"]
        time, payload = header["x-amz-date"], header.get("x-amz-content-sha256", "none")
        if payload not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
            return "x-amz-content-sha256 is not that of the body"
        if "host" not in names.split(";"):
            return "the host is not signed"
    else:
        return "nothing is signed"
    key, _, scope = credential.partition("/")
    headers = [(name, header.get(name, "")) for name in names.split(";")]
    wanted = signature(environ["REQUEST_METHOD"], path, pairs, headers, payload, time, scope)
    return None if key == access and given == wanted else "the signature is not the one that is calculated"


class Checked:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        wrong = problem(environ, body)
        if wrong is None:
            # moto takes its answer from who signs, and does not know a signature in a URL.
            return self.inner(environ, start_response)
        text = "<Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message></Error>" % wrong
        start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
        return [text.encode()]


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


if __name__ == "__main__":
    application = Checked(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=Handler)
