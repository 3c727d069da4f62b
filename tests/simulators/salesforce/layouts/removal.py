"""A custom field that is deleted disappears from the layouts of its object."""

from tests.simulators.salesforce.layouts.canonical import TYPE, object_of, without_field
from tests.simulators.salesforce.shelf import Shelf


def take_off_layouts(shelf: Shelf, object_name: str, field_name: str) -> None:
    """Take a field off every layout of an object that shows it."""
    for one in shelf.of_type(TYPE):
        data = next(iter(one.files.values()))
        if object_of(one.name) == object_name and f"<field>{field_name}</field>".encode() in data:
            shelf.put(TYPE, one.name, {next(iter(one.files)): without_field(data, field_name)})
