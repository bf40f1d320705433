"""Servers for mail that tests speak to. Arguments: ports in the order of SERVERS; the files cert.pem and key.pem are here.

Each mail that one takes becomes a line of mails.jsonl: the envelope, and what Python's parser reads in the message.
Recipients choose an answer: full@ 452, unknown@ 550, large@ 552, later@ 451 after the data.
"""
import asyncio, email, email.policy, json, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

ANSWERS = {"full": "452 4.2.2 mailbox full", "unknown": "550 5.1.1 nobody of this name", "large": "552 5.3.4 too large"}


def described(envelope):
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    parts = [
        {"type": p.get_content_type(), "name": p.get_filename(), "encoding": p["content-transfer-encoding"],
         "text": p.get_payload(decode=True).decode("utf-8", "surrogateescape"), "disposition": p.get_content_disposition()}
        for p in message.walk() if not p.is_multipart()
    ]
    lines = envelope.content.split(b"\r\n")
    return {
        "from": envelope.mail_from, "to": envelope.rcpt_tos, "headers": {k: str(v) for k, v in message.items()},
        "types": [p.get_content_type() for p in message.walk()], "parts": parts, "date": message["date"].datetime.isoformat(),
        "longest": max(map(len, lines)), "bare": any(b"\n" in l or b"\r" in l for l in lines), "defects": [str(d) for d in message.defects],
        "ascii": all(b < 128 for b in envelope.content), "head": envelope.content.split(b"\r\n\r\n")[0].decode("latin-1"),
    }


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = ANSWERS.get(address.split("@")[0])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if any(a.startswith("later@") for a in envelope.rcpt_tos):
            return "451 4.7.1 try later"
        with open("mails.jsonl", "a") as file:
            file.write(json.dumps(described(envelope)) + "\n")
        return "250 taken"


def check(server, session, envelope, mechanism, data):
    good = data.login == b"ann@example.org" and data.password == b"a password that is long"
    return AuthResult(success=good, handled=False)


async def trickle(reader, writer):
    try:
        while True:
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(0.05)
    except OSError:
        pass


async def hang(reader, writer):
    await reader.read()


async def hang_later(reader, writer):
    """Answers, but for what comes after a refusal, such as QUIT."""
    writer.write(b"220 ready\r\n")
    while line := await reader.readline():
        if line.startswith(b"RCPT"):
            writer.write(b"550 not here\r\n")
            await reader.read()
        writer.write(b"250 OK\r\n")


async def others(ports):
    for port, body in zip(ports, [trickle, hang, hang_later]):
        await asyncio.start_server(body, "127.0.0.1", port)


ports = list(map(int, sys.argv[1:]))
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("cert.pem", "key.pem")
login = dict(authenticator=check, auth_required=True)
limit = dict(data_size_limit=40 << 20)
Controller(Handler(), hostname="127.0.0.1", port=ports[0], **limit).start()
Controller(Handler(), hostname="127.0.0.1", port=ports[1], tls_context=context, require_starttls=True, **login, **limit).start()
Controller(Handler(), hostname="127.0.0.1", port=ports[2], ssl_context=context, auth_require_tls=False, **login, **limit).start()
loop = asyncio.new_event_loop()
loop.run_until_complete(others(ports[3:6]))
loop.run_until_complete(asyncio.start_server(hang, "127.0.0.1", ports[6]))
loop.run_forever()
