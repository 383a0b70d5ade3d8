"""Secrets at rest: unreadable without the key, and bound to what they are for."""

import base64

import pytest

from gigcx.sealing import KEY_BYTES, SealBroken, Sealer, read_keys

OLD, NEW = {"old": b"o" * KEY_BYTES}, {"new": b"n" * KEY_BYTES}


class TestASeal:
    def test_opens_to_what_was_sealed_and_never_looks_the_same(self):
        sealer = Sealer(OLD)
        first, second = (sealer.seal("JBSWY3DP", purpose="totp") for _ in range(2))

        assert first != second
        assert "JBSWY3DP" not in first
        assert sealer.open(first, purpose="totp") == "JBSWY3DP"

    def test_opens_with_an_old_key_while_it_is_there(self):
        stored = Sealer(OLD).seal("secret", purpose="totp")
        both = Sealer(NEW | OLD)

        assert not both.is_current(stored)
        assert both.open(stored, purpose="totp") == "secret"
        assert both.is_current(both.seal("secret", purpose="totp"))
        with pytest.raises(SealBroken):
            Sealer(NEW).open(stored, purpose="totp")

    @pytest.mark.parametrize(
        "harm",
        [
            lambda stored: stored[:-4] + "AAAA",
            lambda stored: stored.replace("v1", "v0"),
            lambda stored: "v1.old.",
            lambda stored: "plain",
        ],
    )
    def test_that_was_changed_opens_nowhere(self, harm):
        sealer = Sealer(OLD)
        with pytest.raises(SealBroken):
            sealer.open(harm(sealer.seal("secret", purpose="totp")), purpose="totp")

    def test_opens_for_its_own_purpose_only(self):
        sealer = Sealer(OLD)
        with pytest.raises(SealBroken):
            sealer.open(sealer.seal("secret", purpose="totp"), purpose="webhook")


class TestKeys:
    def test_are_read_in_order_or_derived(self):
        told = ",".join(
            f"{name}:{base64.urlsafe_b64encode(key).decode()}" for name, key in (NEW | OLD).items()
        )

        assert list(read_keys(told, otherwise="")) == ["new", "old"]
        assert read_keys("", otherwise="a") == read_keys("", otherwise="a")
        assert read_keys("", otherwise="a") != read_keys("", otherwise="b")

    def test_that_are_too_short_are_named(self):
        with pytest.raises(ValueError, match="short"):
            read_keys("short:AAAA", otherwise="")
