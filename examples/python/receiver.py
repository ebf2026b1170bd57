"""Receives Recado's webhooks and answers customers who ask for the price.

WEBHOOK_SECRET  of the subscription, or of `npx recado listen`: whsec_...
RECADO_URL      default http://localhost:3000
RECADO_API_KEY  with the scope send; default local-api-key
PORT            default 4000

`pip install standardwebhooks` verifies; without it the few lines below do the same.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

try:
    from standardwebhooks import Webhook, WebhookVerificationError
except ImportError:
    import base64
    import hashlib
    import hmac
    import time

    class WebhookVerificationError(Exception):
        pass

    class Webhook:
        """The same as the package's, as far as it is used here."""

        def __init__(self, secret):
            self.key = base64.b64decode(secret.removeprefix("whsec_"))

        def verify(self, data, headers):
            try:
                sent_at = int(headers["webhook-timestamp"])
                signed = f"{headers['webhook-id']}.{sent_at}.".encode() + data
                signatures = headers["webhook-signature"].split(" ")
            except (KeyError, ValueError) as missing:
                raise WebhookVerificationError("a header is missing") from missing
            if abs(time.time() - sent_at) > 300:
                raise WebhookVerificationError("more than five minutes old")
            expected = "v1," + base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode()
            if not any(hmac.compare_digest(expected, one) for one in signatures):
                raise WebhookVerificationError("signed with another secret")
            return json.loads(data)


URL = os.environ.get("RECADO_URL", "http://localhost:3000")
KEY = os.environ.get("RECADO_API_KEY", "local-api-key")
# Refusals of this very answer, such as opted_out: however often it is tried, they stay. A wrong key (401, 403) can be mended.
FINAL = {400, 404, 409, 413, 422}
webhook = Webhook(os.environ["WEBHOOK_SECRET"])


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            on_event(webhook.verify(data, headers))
            self.answer(204)
        except WebhookVerificationError:
            self.answer(401)
        except OSError:
            # Recado could not take the answer for now: the event comes again.
            self.answer(503)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


def on_event(event):
    if event["type"] != "message.received":
        return
    content = event["data"]["message"]["content"]
    if content["type"] == "text" and re.search("pre[cç]o", content["text"], re.IGNORECASE):
        send(event["data"]["conversation"], "São 12 €.", event["id"])


def send(conversation, text, idempotency_key):
    """Under one key the answer goes out once, however often the event comes."""
    request = urllib.request.Request(
        f"{URL}/v1/conversations/{conversation}/messages",
        method="POST",
        data=json.dumps({"content": {"type": "text", "text": text}}).encode(),
        headers={
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            "idempotency-key": idempotency_key,
        },
    )
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as refusal:
        if refusal.code not in FINAL:
            raise
        # Taken all the same: while an event comes again, what is behind it in the conversation waits.
        problem = json.load(refusal)
        print(f"{idempotency_key} is not answered: {problem.get('code', refusal.code)}", file=sys.stderr)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 4000))), Receiver)
    print(f"Listening on {server.server_port}", flush=True)
    server.serve_forever()
