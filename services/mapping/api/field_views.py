"""Fields, pipelines and record types as the API shows them."""

from typing import Self

from pydantic import BaseModel

from services.mapping.domain.changes import writable
from services.mapping.domain.model import (
    SALESFORCE_OBJECTS,
    Catalogue,
    HubSpotField,
    Option,
    Pipeline,
    SalesforceField,
    Unread,
)
from shared.kernel.records import ObjectType, Side


class FieldView(BaseModel):
    """One field of either side. `options` is how many values its list has."""

    name: str
    label: str
    type: str
    writable: bool
    required: bool
    options: int
    length: int | None
    group: str

    @classmethod
    def of(cls, field: HubSpotField | SalesforceField) -> Self:
        """A field without its options."""
        return cls(
            name=field.name,
            label=field.label,
            type=field.type,
            writable=writable(field),
            required=field.required,
            options=len(field.options) or field.options_left_out,
            length=field.length if isinstance(field, SalesforceField) else None,
            group=field.group if isinstance(field, HubSpotField) else "",
        )


class OptionView(BaseModel):
    """One value of a list."""

    value: str
    label: str
    hidden: bool

    @classmethod
    def of(cls, option: Option) -> Self:
        """A value with what people see."""
        return cls(value=option.value, label=option.label, hidden=option.hidden)


class FieldDetail(BaseModel):
    """One field with its values; `left_out` are too many to be kept."""

    field: FieldView
    values: list[OptionView]
    left_out: int
    restricted: bool
    calculated: bool
    unique: bool
    precision: int | None
    scale: int | None
    references: list[str]

    @classmethod
    def of(cls, field: HubSpotField | SalesforceField) -> Self:
        """Everything that is known of a field."""
        theirs = field if isinstance(field, SalesforceField) else None
        return cls(
            field=FieldView.of(field),
            values=[OptionView.of(option) for option in field.options],
            left_out=field.options_left_out,
            restricted=theirs.restricted if theirs else field.type == "enumeration",
            calculated=field.calculated,
            unique=field.unique,
            precision=theirs.precision if theirs else None,
            scale=theirs.scale if theirs else None,
            references=list(theirs.references) if theirs else [],
        )


class StageView(BaseModel):
    """One stage of a pipeline or of a record type."""

    id: str
    label: str
    probability: float | None
    closed: bool
    won: bool


class PipelineView(BaseModel):
    """A pipeline of deals, or a record type of opportunities."""

    id: str
    label: str
    stages: list[StageView]

    @classmethod
    def of(cls, pipeline: Pipeline) -> Self:
        """With its stages in their order."""
        stages = [
            StageView(id=s.id, label=s.label, probability=s.probability, closed=s.closed, won=s.won)
            for s in pipeline.stages
        ]
        return cls(id=pipeline.id, label=pipeline.label, stages=stages)


class UnreadView(BaseModel):
    """An object that the grant does not reach, and why."""

    side: Side
    object_name: str
    why: str

    @classmethod
    def of(cls, unread: Unread) -> Self:
        """What could not be read."""
        return cls(side=unread.side, object_name=unread.object_name, why=unread.why)


class FieldsView(BaseModel):
    """The fields of one object type that can be mapped, Salesforce's by object.

    Pipelines and record types come with deals only.
    """

    hubspot: list[FieldView]
    salesforce: dict[str, list[FieldView]]
    pipelines: list[PipelineView]
    record_types: list[PipelineView]
    unread: list[UnreadView]

    @classmethod
    def of(cls, catalogue: Catalogue, object_type: ObjectType) -> Self:
        """One object type of a catalogue."""
        deals = object_type is ObjectType.DEAL
        objects = SALESFORCE_OBJECTS[object_type]
        return cls(
            hubspot=[FieldView.of(f) for f in catalogue.properties(object_type).values()],
            salesforce={
                name: [FieldView.of(field) for field in catalogue.fields(name).values()]
                for name in objects
            },
            pipelines=[PipelineView.of(one) for one in catalogue.pipelines if deals],
            record_types=[PipelineView.of(one) for one in catalogue.record_types if deals],
            unread=[
                UnreadView.of(one)
                for one in catalogue.unread
                if one.object_name in {object_type.value, *objects}
            ],
        )
