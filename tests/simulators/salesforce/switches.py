"""Ways to change how the org behaves while it runs (``/_control/switches``)."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

DAY_SECONDS = 86_400


class ValidationRule(BaseModel):
    """A record of ``object`` is refused when ``field`` equals ``value`` (null: is empty)."""

    model_config = ConfigDict(extra="forbid")
    object: str
    field: str
    value: Any = None
    message: str = "The rules of this company do not allow it."


class Switches(BaseModel):
    """All switches with their defaults; the descriptions are what GET shows."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid")

    app_uninstalled: bool = Field(
        default=False,
        description="authorize refuses (app must be installed into org), but for users who "
        "authorised the app before, or have CanApproveUninstalledApps or UseAnyApiClient",
    )
    pkce_required: bool = Field(
        default=True, description="authorize refuses a request without a code challenge"
    )
    rotate_refresh_tokens: bool = Field(
        default=False, description="each refresh issues a new refresh token and kills the old one"
    )
    refresh_token_seconds: float = Field(
        default=0, ge=0, description="a refresh token lives so long, 0 is for ever"
    )
    refresh_token_idle_seconds: float = Field(
        default=0, ge=0, description="a refresh token dies after so long without use, 0 is never"
    )
    secret_required_for_refresh: bool = Field(
        default=True, description="a refresh needs the client secret"
    )
    authorize_error: dict[str, str] = Field(
        default_factory=dict,
        description="authorize comes back with this, {error, error_description}",
    )
    ip_restricted: bool = Field(
        default=False, description="the token endpoint refuses: invalid_grant, ip restricted"
    )
    instance_url: str = Field(
        default="", description="instance_url of token responses, for an org that moved"
    )
    session_refusal: str = Field(
        default="",
        description="every data call answers 401 INVALID_SESSION_ID with this message, though the "
        "session lives",
    )
    session_timeout_seconds: float = Field(
        default=7_200, gt=0, description="an access token dies after so long without use"
    )
    latest_version: int = Field(
        default=68, ge=60, le=68, description="the newest API version that the org has yet"
    )
    jwt_access_tokens: bool = Field(
        default=False, description="new access tokens are long JSON web tokens, not 00D...!..."
    )
    api_disabled: bool = Field(
        default=False, description="every data call answers 403 API_DISABLED_FOR_ORG"
    )
    edition: Literal[
        "Team Edition",
        "Professional Edition",
        "Enterprise Edition",
        "Developer Edition",
        "Personal Edition",
        "Unlimited Edition",
        "Contact Manager Edition",
        "Base Edition",
    ] = Field(
        default="Enterprise Edition",
        description="what Organization.OrganizationType says (Team is Group); Team, Personal, "
        "Contact Manager and, without api_addon, Professional have no API",
    )
    api_addon: bool = Field(default=False, description="a Professional Edition that paid for API")
    missing_permissions: list[str] = Field(
        default_factory=list,
        description='permissions that nobody has, by their column names: ["ViewSetup"]',
    )
    extra_permissions: list[str] = Field(
        default_factory=list, description="permissions that everybody has"
    )
    daily_limit: int = Field(default=100_000, ge=0, description="API calls in rolling 24 hours")
    limit_overrun: int = Field(
        default=0, ge=0, description="calls beyond the limit that a paid, active org is let make"
    )
    limit_header_lag: int = Field(
        default=0, ge=0, description="calls that Sforce-Limit-Info does not show yet"
    )
    limit_header_more: str = Field(
        default="",
        description="what Sforce-Limit-Info says besides, such as api-bursts=1/750 or "
        "per-app-api-usage=17/250(appName=x)",
    )
    hidden_fields: dict[str, list[str]] = Field(
        default_factory=dict,
        description='fields that field-level security hides, {"Contact": ["Phone"]}',
    )
    read_only_fields: dict[str, list[str]] = Field(
        default_factory=dict, description="fields that the API user may read but not write"
    )
    read_only_objects: list[str] = Field(
        default_factory=list, description="objects whose writes fail for lack of access"
    )
    object_permissions: dict[str, list[Literal["read", "create", "edit", "delete"]]] = Field(
        default_factory=dict,
        description='all that the API user may do with an object, {"Lead": ["read"]}; without '
        "read the object is not there for this user",
    )
    field_permissions: bool = Field(
        default=True,
        description="a deployed custom field is invisible to a user until a permission set that "
        "grants it is assigned; false shows it to everybody at once",
    )
    assignment_rule: bool = Field(
        default=False,
        description="leads written without Sforce-Auto-Assign: FALSE go to the routing user",
    )
    duplicate_rule: Literal["off", "alert", "block"] = Field(
        default="off",
        description="contacts and leads whose e-mail another one has: alert can be overridden "
        "by allowSave, block cannot",
    )
    validation_rule: ValidationRule | None = Field(
        default=None, description='a rule, {"object", "field", "value", "message"}'
    )
    locked_rows: int = Field(
        default=0, ge=0, description="the next so many row writes meet UNABLE_TO_LOCK_ROW"
    )
    locked_ids: list[str] = Field(
        default_factory=list, description="writes of these records meet UNABLE_TO_LOCK_ROW"
    )
    collections_parse_strictly: bool = Field(
        default=False,
        description="an unreadable value in one row of a Collections call fails the whole call "
        "with 400, instead of that row",
    )
    query_page_size: int = Field(
        default=2_000, ge=1, le=2_000, description="largest page of a query, whatever was asked"
    )
    bulk_seconds: float = Field(
        default=1, ge=0, description="how long a bulk job takes once it is closed"
    )
    bulk_unknown_columns: Literal["dropped", "fail"] = Field(
        default="dropped",
        description="columns that the user does not see are left out, as documented, or fail the "
        "whole job with InvalidBatch, as often reported",
    )
    bulk_failures: list[str] = Field(
        default_factory=list,
        description="error messages with which the next bulk jobs fail when half is done",
    )
    bulk_upload_bytes: int = Field(
        default=104_857_600, ge=0, description="largest CSV that a bulk job takes"
    )
    bulk_daily_records: int = Field(
        default=150_000_000, ge=0, description="records that bulk jobs may write in 24 hours"
    )
    bulk_daily_batches: int = Field(
        default=15_000, ge=0, description="bulk batches (10,000 records each) in 24 hours"
    )
    bulk_daily_query_jobs: int = Field(
        default=10_000, ge=0, description="bulk query jobs in 24 hours"
    )
    bulk_query_page_size: int = Field(
        default=50_000, ge=1, description="most rows of one page of bulk query results"
    )
    outbound_timeout_seconds: float = Field(
        default=60, gt=0, description="real seconds for which an outbound message is waited for"
    )
    outbound_repeats: int = Field(
        default=0,
        ge=0,
        description="the next so many acknowledged envelopes of outbound messages come again",
    )
    cdc_entity_limit: int = Field(
        default=5, ge=0, description="objects whose changes may be captured, on all channels"
    )
    cdc_daily_deliveries: int | None = Field(
        default=None,
        ge=0,
        description="events delivered in 24 hours, to each subscriber anew; null: by the edition",
    )
    cdc_gaps: int = Field(
        default=0, ge=0, description="the next so many change events come as gap events"
    )
    cdc_overflow_changes: int = Field(
        default=100_000,
        ge=0,
        description="changes of one transaction that become events; for those beyond there is one "
        "overflow event for each object",
    )
    cdc_message_bytes: int = Field(
        default=1_048_576, ge=0, description="a larger change event becomes a gap event"
    )
    pubsub_keepalive_seconds: float = Field(
        default=270, gt=0, description="a subscriber gets an empty response after so long a silence"
    )
    pubsub_idle_seconds: float = Field(
        default=60, gt=0, description="a stream ends whose subscriber requests nothing for so long"
    )
    pubsub_unavailable: int = Field(
        default=0, ge=0, description="the next so many calls of the Pub/Sub API are UNAVAILABLE"
    )
    install_seconds: float = Field(
        default=3, ge=0, description="how long a package install or a deploy takes"
    )
    install_status_spelling: Literal["upper", "title"] = Field(
        default="upper", description="IN_PROGRESS and SUCCESS, or InProgress and Success"
    )
    install_errors: list[str] = Field(
        default_factory=list, description="messages with which the next installs fail"
    )
    package_unavailable_seconds: float = Field(
        default=0,
        ge=0,
        description="PACKAGE_UNAVAILABLE for so long after a package version is first asked for",
    )
    package_waiting_status: Literal[
        "PACKAGE_UNAVAILABLE", "PACKAGE_UNAVAILABLE_CRC", "PACKAGE_UNAVAILABLE_ZIP"
    ] = Field(default="PACKAGE_UNAVAILABLE", description="what is said meanwhile")
    package_versions_hidden: bool = Field(
        default=False, description="queries of SubscriberPackageVersion find nothing"
    )
    installation_key: str = Field(default="", description="the password of the package, if any")
    deploy_errors: list[dict[str, str]] = Field(
        default_factory=list, description='component failures, [{"fullName", "problem"}]'
    )
    deploy_as_strings: bool = Field(
        default=False, description="deploy results write booleans and numbers as strings"
    )
    modify_metadata: bool = Field(
        default=True,
        description="false takes ModifyMetadata and ModifyAllData away: no metadata call works",
    )

    def as_json(self) -> dict[str, Any]:
        """``{name: {"value", "about"}}``."""
        values = self.model_dump(mode="json")
        return {
            name: {"value": values[name], "about": field.description}
            for name, field in type(self).model_fields.items()
        }
