"""What made-up requests send as a file, by name."""

from __future__ import annotations

from tests.badinput.pictures import not_pictures, photo

CONTENTS: dict[str, bytes] = {
    "a photo": photo(),
    "a photo of a phone": photo("JPEG", size=(640, 480)),
    "contacts": "Nom,Mobile\nAwa,771234567\nModou é,+221771234568\n".encode(),
    "cards": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Awa\r\nTEL:771234567\r\nEND:VCARD\r\n" * 3,
    "half a sign": b"\xff\xfe\x00N\xd8",
    "a PDF": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    # The largest ones are tried by themselves (`tests/badinput/test_uploads.py`).
    **{name: data for name, data in not_pictures().items() if len(data) < 100_000},
}
