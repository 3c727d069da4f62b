"""Every way in which the Pub/Sub API says no (facts: section 4.2)."""

import grpc

PREFIX = "sfdc.platform.eventbus.grpc."
MAX_WANTED = 100


class RefusedError(Exception):
    """An RPC ends with ``status``; ``code`` is Salesforce's own, empty for a lost connection."""

    def __init__(self, status: grpc.StatusCode, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def _invalid(code: str, message: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, PREFIX + code, message)


def bad_headers(name: str) -> RefusedError:
    """One of the three headers is missing or cannot be right."""
    message = f"The {name} header is missing or invalid."
    code = PREFIX + "service.auth.headers.invalid"
    return RefusedError(grpc.StatusCode.UNAUTHENTICATED, code, message)


def not_authenticated() -> RefusedError:
    """The access token is dead, or may not use the API."""
    message = "An authentication exception occurred. Provide valid authentication via metadata."
    return RefusedError(grpc.StatusCode.UNAUTHENTICATED, PREFIX + "service.auth.error", message)


def no_license() -> RefusedError:
    """The org's edition has no change events."""
    message = "The org is not licensed for the Pub/Sub API."
    code = PREFIX + "service.tenant.license"
    return RefusedError(grpc.StatusCode.PERMISSION_DENIED, code, message)


def unavailable() -> RefusedError:
    """The service has a bad moment."""
    message = "The Pub/Sub API service is unavailable."
    return RefusedError(grpc.StatusCode.UNAVAILABLE, PREFIX + "service.unavailable", message)


def dropped() -> RefusedError:
    """The connection was lost, somewhere on the way: there is no code of Salesforce's own."""
    message = "RST_STREAM closed stream. HTTP/2 error code: NO_ERROR"
    return RefusedError(grpc.StatusCode.UNAVAILABLE, "", message)


def no_topic_named() -> RefusedError:
    """The name of the topic is blank."""
    return _invalid("topic.validation.empty", "The topic name is blank.")


def no_such_topic(name: str) -> RefusedError:
    """There is no such topic."""
    message = f"The topic {name} does not exist."
    return RefusedError(grpc.StatusCode.NOT_FOUND, PREFIX + "topic.not.found", message)


def no_schema_named() -> RefusedError:
    """The id of the schema is blank."""
    return _invalid("schema.validation.failed", "The schema ID is blank.")


def no_such_schema(schema_id: str) -> RefusedError:
    """The org has no such schema."""
    message = f"The schema {schema_id} cannot be read."
    return RefusedError(grpc.StatusCode.NOT_FOUND, PREFIX + "schema.meta.permission", message)


def other_topic() -> RefusedError:
    """A later request names another topic than the first."""
    return _invalid("subscription.fetch.topic.mismatch", "The topic of a stream cannot change.")


def nothing_wanted() -> RefusedError:
    """A request for no events."""
    code = "subscription.fetch.requested.events.invalid"
    return _invalid(code, "The number of requested events must be greater than 0.")


def no_replay_id() -> RefusedError:
    """CUSTOM without a replay id."""
    code = "subscription.fetch.replayid.validation.failed"
    return _invalid(code, "A replay ID is required for the replay preset CUSTOM.")


def bad_replay_id() -> RefusedError:
    """A replay id that this bus never gave out, or whose event is no longer kept."""
    message = "The Replay ID is invalid, or its event is not within the retention window."
    return _invalid("subscription.fetch.replayid.corrupted", message)


def too_many_deliveries() -> RefusedError:
    """The org's deliveries of the last 24 hours are used up."""
    message = "You have exceeded the event delivery limit for your org."
    code = PREFIX + "subscription.limit.exceeded"
    return RefusedError(grpc.StatusCode.RESOURCE_EXHAUSTED, code, message)


def cannot_publish(name: str) -> RefusedError:
    """Clients publish platform events, never change events."""
    message = f"Events cannot be published on {name}."
    code = PREFIX + "publish.topic.cannot.publish"
    return RefusedError(grpc.StatusCode.PERMISSION_DENIED, code, message)


def no_events_to_publish() -> RefusedError:
    """A publish request without events."""
    return _invalid("publish.event.count.invalid", "The request has no events.")
