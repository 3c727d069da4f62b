import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table, UniqueConstraint

from shared.db.provision import _verifier
from shared.db.schema import metadata_for


def test_a_services_tables_carry_its_schema_and_nameable_constraints() -> None:
    metadata = metadata_for("quota")
    buckets = Table("buckets", metadata, Column("id", Integer, primary_key=True))
    leases = Table(
        "leases",
        metadata,
        Column("bucket_id", Integer, ForeignKey("quota.buckets.id")),
        Column("number", Integer),
        UniqueConstraint("bucket_id", "number"),
    )

    assert buckets.fullname == "quota.buckets"
    assert buckets.primary_key.name == "pk_buckets"
    assert {constraint.name for constraint in leases.constraints} == {
        "pk_leases",
        "fk_leases_bucket_id_buckets",
        "uq_leases_bucket_id_number",
    }


def test_a_verifier_is_salted_and_does_not_hold_the_password() -> None:
    first, second = _verifier("a long password"), _verifier("a long password")

    assert first != second
    assert "a long password" not in first
    assert first.startswith("SCRAM-SHA-256$4096:")


@pytest.mark.parametrize("quote", ["'", '"', "\\", "$$"])
def test_a_verifier_never_needs_quoting(quote: str) -> None:
    assert quote not in _verifier(quote * 3)
