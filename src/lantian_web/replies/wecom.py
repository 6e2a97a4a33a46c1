"""Messages of WeCom's callback: signed by a parameter, encrypted XML in the body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import datetime, timedelta
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lantian.errors import DataError, RightsError
from lantian.periods import from_ms
from lantian_web.replies.looking import Said

__all__ = ["ANSWER", "check", "cipher_in", "key_of", "opened", "said_in"]

ANSWER = ""
"""What the callback expects when nothing is to be said."""

_BLOCK = 32
_RANDOM = 16


def key_of(text: str) -> bytes:
    """The AES key behind an EncodingAESKey of 43 letters. DataError when it is none."""
    try:
        key = base64.b64decode(text + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(text) != 43 or len(key) != 32:
        raise DataError("an EncodingAESKey has 43 letters and digits", field="aes_key")
    return key


def check(
    token: str, timestamp: str, nonce: str, cipher: str, sign: str, wall: datetime, age: timedelta
) -> None:
    """RightsError for a request that is not the callback's, or an old one."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise RightsError("no timestamp")
    if abs(int(timestamp) - wall.timestamp()) > age.total_seconds():
        raise RightsError("old")
    told = "".join(sorted((token, timestamp, nonce, cipher))).encode()
    if not hmac.compare_digest(hashlib.sha1(told).hexdigest().encode(), sign.encode()):  # noqa: S324 - theirs
        raise RightsError("forged")


def opened(cipher: str, aes_key: str, receiver: str) -> bytes:
    """What was encrypted: random bytes, length, message, receiver. RightsError when it is not for the receiver."""
    key = key_of(aes_key)
    try:
        sealed = base64.b64decode(cipher, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(sealed) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise ValueError
        plain = plain[_RANDOM:-pad]
        (length,) = struct.unpack(">I", plain[:4])
        message, rest = plain[4 : 4 + length], plain[4 + length :]
        if len(message) != length:
            raise ValueError
    except (ValueError, IndexError, struct.error, binascii.Error):
        raise RightsError("not encrypted with the key") from None
    if receiver and rest != receiver.encode():
        raise RightsError("for another receiver")
    return message


def _fields(data: bytes) -> dict[str, str]:
    """Fields of a flat XML message. DataError for anything else, and for one that declares entities."""
    try:
        text = data.decode()  # what is read as text keeps to this encoding, whatever it declares
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError
        root = ElementTree.fromstring(text)  # noqa: S314 - no document type, so no entities
    except (ElementTree.ParseError, ValueError, RecursionError):
        raise DataError("not a message of the callback") from None
    return {child.tag: child.text or "" for child in root}


def cipher_in(body: bytes) -> str:
    """The encrypted part of a request. DataError when there is none."""
    cipher = _fields(body).get("Encrypt", "")
    if not cipher:
        raise DataError("not a message of the callback")
    return cipher


def said_in(message: bytes) -> Said | None:
    """The message; None when it is no text. DataError when it is none."""
    told = _fields(message)
    if told.get("MsgType") != "text":
        return None
    try:
        sent = from_ms(int(told["CreateTime"]) * 1000)
        sender, text = told["FromUserName"], told["Content"]
    except (KeyError, ValueError, OverflowError, OSError):
        raise DataError("not a message of the callback") from None
    return Said(sender, text.strip(), sent, kind="wecom", handle=sender, group=told.get("AgentID", ""))
