"""What SCIM shows of staff and of the groups that they belong to (RFC 7643): only what the city hall keeps."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource_type import SchemaExtension
from scim2_models.urn import URN

A_PAGE: Final = 200
LANGUAGES: Final = {"zh-hant": "zh-TW", "en": "en"}


class Name(ComplexAttribute):
    """A person's name, in one piece: which part of it is the family's differs."""

    formatted: Annotated[str | None, Required.true] = None


class Email(ComplexAttribute):
    """The one address that letters go to."""

    value: str | None = None
    type: str | None = Field(None, examples=["work"])
    primary: bool | None = None


class GroupOfUser(ComplexAttribute):
    """A group that the person is in; changed at the group (RFC 7643, 4.1.2)."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference[Group] | None, Mutability.read_only] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[Any]):
    """Somebody of staff (RFC 7643, 4.1)."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Annotated[Name | None, Required.true] = None
    display_name: Annotated[str | None, Mutability.read_only] = None
    title: str | None = None
    preferred_language: str | None = Field(None, examples=list(LANGUAGES.values()))
    active: bool | None = None
    emails: list[Email] | None = None
    groups: Annotated[list[GroupOfUser] | None, Mutability.read_only] = None


class Manager(ComplexAttribute):
    """Whom the person reports to: another User, by its id."""

    value: Annotated[str | None, CaseExact.true] = None
    ref: Reference[User] | None = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )


class EnterpriseUser(Extension):
    """What an employer knows besides (RFC 7643, 4.3)."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: Annotated[str | None, Required.true, Uniqueness.server, CaseExact.true] = None
    organization: str | None = None
    department: str | None = None
    manager: Manager | None = None


class Member(ComplexAttribute):
    """Somebody in a group, by the id of the User."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    display: Annotated[str | None, Mutability.read_only] = None


class Group(Resource[Any]):
    """A role in a unit (RFC 7643, 4.2). The city's directory says which there are: only the members change."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Mutability.read_only] = None
    members: list[Member] | None = None


Staff = User[EnterpriseUser]  # type: ignore[type-arg]

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=A_PAGE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type="oauthbearertoken",
            name="API key",
            description="A key with the scope city:people:provision, as a bearer token (RFC 6750).",
            spec_uri="https://www.rfc-editor.org/rfc/rfc6750",
            primary=True,
        )
    ],
)

# What clients of this world send besides: attributes that are not ours (passed over), ``remove`` with a value, and a
# value to an address that is not there yet. Each has one meaning only.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)

PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, Group],
    resource_types=[
        ResourceType(
            id="User", name="User", endpoint="/Users", description="Staff", schema=str(User.__schema__),
            schema_extensions=[SchemaExtension(schema=str(EnterpriseUser.__schema__), required=True)],
        ),
        ResourceType(
            id="Group", name="Group", endpoint="/Groups", description="Roles in units", schema=str(Group.__schema__)
        ),
    ],
    config=CONFIG,
    policy=POLICY,
)  # fmt: skip
