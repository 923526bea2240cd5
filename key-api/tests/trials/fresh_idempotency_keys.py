"""Gives every valid Idempotency-Key that Schemathesis sends a value of its own.

By itself it sends the same few values with one body after the other, which the server must
refuse: a value is good for one request.
"""

import re
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    value = (case.headers or {}).get("Idempotency-Key")
    if isinstance(value, str) and re.fullmatch("[!-~]{1,255}", value):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
