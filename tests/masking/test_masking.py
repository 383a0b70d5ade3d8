"""How much personal data is masked, and that none of it gets to where experts and machines read."""

import json

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum import luhn

from gigcx.db import commit
from gigcx.desk.service import conversation
from gigcx.jobs.inline import drain
from gigcx.masking import mask
from gigcx.tickets.service.workspace import Upload
from tests.acting import acting
from tests.caller import Caller
from tests.channels.conftest import box  # noqa: F401 - a fixture
from tests.factories import customers, identity
from tests.factories.desk import claim, desk, ticket
from tests.masking.recall import lines, missed, report

RECALL_MIN = 0.95
ONLY_THE_BRAND_READS = {"originals", "customers", "users", "mails", "files"}
"""Where a brand keeps what its customers wrote: no expert, job or index reads these."""

digits = st.text("0123456789", min_size=6, max_size=6)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=9)
values = {
    "email": st.builds("{}.{}@{}.example".format, words, words, words),
    "phone": st.builds("+49 171 9{}".format, digits),
    "card": digits.map(lambda tail: f"424242421{tail}").map(
        lambda start: start + luhn.calc_check_digit(start)
    ),
    "ip": st.ip_addresses(v=6, network="2001:db8::/32").map(str),
    "address": st.builds("{1} {0} Street".format, words.map(str.title), st.integers(100, 999)),
    "order": st.builds("order no. Q{}".format, digits),
}
canaries = st.fixed_dictionaries(values)


class TestRecall:
    def test_reaches_what_is_asked_for_each_kind_of_the_labelled_corpus(self):
        counts = {}
        for line in lines():
            for kind, _ in line.values:
                counts[kind] = counts.get(kind, 0) + 1
        lost = dict.fromkeys(counts, 0)
        for (kind, _), misses in missed().items():
            lost[kind] += len(misses)

        assert min(counts.values()) >= 12
        assert all(lost[kind] <= (1 - RECALL_MIN) * counts[kind] for kind in counts), report()

    def test_leaves_texts_without_personal_data_as_they_are(self):
        assert [
            line.text for line in lines() if not line.values and mask(line.text) != line.text
        ] == []

    @given(canaries, st.text(max_size=40))
    def test_hides_each_value_in_any_text(self, told, around):
        masked = mask(" ".join([around, *told.values(), around]))

        assert [kind for kind, value in told.items() if _secret(value) in masked] == []

    @pytest.mark.parametrize(
        "text", ["1 " * 50_000, "a.b@" * 25_000, "+1(" * 33_000, "1 rue " * 16_000]
    )
    def test_comes_to_an_end_on_hostile_texts(self, text):
        assert len(mask(text)) > 0


class TestAnUnmaskedValue:
    @settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(canaries)
    def test_is_read_by_no_expert_machine_or_index(self, app, committing, box, capfd, told):  # noqa: F811
        at, asked = self.converse(told)
        claim(at, asked.id)
        drain()

        places = {
            "the expert's API": self.read_as(app, at.expert, asked),
            "mails to others": self.mails_to_others(box, told),
            "logs": "".join(capfd.readouterr()),
        } | self.rows(committing.admin_url)

        found = [
            (place, kind)
            for place, text in places.items()
            for kind, value in told.items()
            if _secret(value) in text
        ]
        assert found == []

    def converse(self, told):
        at = desk()
        told["name"] = "Quenby"
        customer = customers.customer(at.brand_id, name="Xaverius Quenby", email=told["email"])
        text = "\n".join(told.values())
        asked = ticket(at, customer_id=customer.user_id, subject=text[:290], text=text)
        file = Upload(f"{told['email']}.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(20))
        with acting(customer):
            commit(conversation.reply, who=customer, ticket_id=asked.id, text=text, files=[file])
        return at, asked

    def read_as(self, app, expert, asked):
        caller = Caller(app, identity.key_of(expert))
        paths = ["/tickets", f"/tickets/{asked.id}", "/feed", "/tickets?q=Quenby", "/claims"]
        return json.dumps([caller.try_to("GET", path) for path in paths], ensure_ascii=False)

    def mails_to_others(self, box, told):  # noqa: F811
        mails = [box.raw(n).decode() for n, to, *_ in box.latest() if told["email"] not in to]
        return "\n".join(mails)

    def rows(self, admin_url):
        """Return all rows as text, except of the tables that keep originals."""
        engine = sa.create_engine(admin_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            tables = set(sa.inspect(connection).get_table_names()) - ONLY_THE_BRAND_READS
            return {table: self.text_of(connection, table) for table in sorted(tables)}

    def text_of(self, connection, table):
        select = sa.select(sa.func.string_agg(sa.text("t::text"), " "))
        return connection.scalar(select.select_from(sa.text(f"{table} t"))) or ""


def _secret(value):
    return value.rpartition("no. ")[2]
