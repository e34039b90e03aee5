"""Ed25519 through the border: the vectors of RFC 8032, and what is refused."""

import pytest

from bot4 import _engine

SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_the_second_vector_of_the_standard_holds():
    assert _engine.ed25519_public(SEED) == PUBLIC
    assert _engine.ed25519_sign(SEED, b"\x72") == SIGNATURE
    assert _engine.ed25519_verify(PUBLIC, b"\x72", SIGNATURE)
    assert not _engine.ed25519_verify(PUBLIC, b"\x73", SIGNATURE)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: _engine.ed25519_public(b"short"), "the seed has 5 bytes; Ed25519 takes 32"),
        (lambda: _engine.ed25519_sign(SEED + b"x", b""), "the seed has 33 bytes; Ed25519 takes 32"),
        (lambda: _engine.ed25519_verify(PUBLIC, b"", b""), "the signature has 0 bytes; Ed25519 takes 64"),
        (lambda: _engine.ed25519_verify(b"", b"", SIGNATURE), "the public key has 0 bytes; Ed25519 takes 32"),
    ],
)
def test_another_length_is_refused_in_a_sentence(call, sentence):
    with pytest.raises(_engine.EngineError, match=f"^{sentence}$"):
        call()
