"""The section `notifications`: https://docs.travis-ci.com/user/notifications/"""

from collections.abc import Mapping

from understudy.dialects.travis.schema.build import choice, fields, flag, secret, secrets, several, text
from understudy.dialects.travis.schema.forms import Choice, Map, Node, OneOf, Scalar, Sequence

FREQUENCY = choice(Choice("always", ("true",)), Choice("never", ("false",)), Choice("change", ("changed",)))

_NAMES = """
repository repository_slug repository_name build_number build_id build_url branch commit commit_subject commit_message
author pull_request pull_request_number pull_request_url compare_url result duration elapsed_time message
"""
_TEMPLATE = several(Scalar(variables=tuple(_NAMES.split())))
_OPEN = secret(strict=False)
_OPENS = secrets(strict=False)


def _notification(keys: Mapping[str, Node], *others: Node, prefix: str = "", aliases: tuple[str, ...] = ()) -> OneOf:
    every: dict[str, Node] = {
        **keys,
        "if": text(),
        "on_success": FREQUENCY,
        "on_failure": FREQUENCY,
        "enabled": flag(),
        "disabled": flag(),
    }
    main = Map(keys=every, prefix=prefix, aliases=aliases, normal=True, changes=frozenset({"enable"}))
    return OneOf(forms=(main, *others, flag()), normal=True)


_URL = OneOf(forms=(Map(keys=fields("url:secret msteams:flag"), strict=False, required=("url",)), secret(strict=False)))
_CHANNELS = OneOf(forms=(Sequence(item=_OPEN, aliases=("channel",), normal=True), _OPEN))
_EMAIL = _notification(
    {"recipients": _OPENS},
    Sequence(item=_OPEN, normal=True),
    _OPEN,
    prefix="recipients",
    aliases=("emails",),
)
_KINDS: dict[str, Node] = {
    "campfire": _notification({"rooms": secrets(), "template": _TEMPLATE}, secrets(), prefix="rooms"),
    "email": _EMAIL,
    "flowdock": _notification({"api_token": secret(), "template": _TEMPLATE}, secret(), prefix="api_token"),
    "hipchat": _notification(
        {
            "rooms": secrets(),
            "format": choice("html", "text"),
            **fields("notify:flag on_pull_requests:flag"),
            "template": _TEMPLATE,
        },
        secrets(),
        prefix="rooms",
    ),
    "irc": _notification(
        {
            "channels": _CHANNELS,
            **fields(
                "channel_key:secret password:secret nickserv_password:secret nick:open use_notice:flag skip_join:flag"
            ),
            "template": _TEMPLATE,
        },
        *_CHANNELS.forms,
        prefix="channels",
    ),
    "pushover": _notification({"api_key": secrets(), "users": secrets(), "template": _TEMPLATE}),
    "slack": _notification(
        {"rooms": secrets(), "template": _TEMPLATE, **fields("on_pull_requests:flag")}, secrets(), prefix="rooms"
    ),
    "webhooks": _notification(
        {"urls": several(_URL), "on_start": FREQUENCY, "on_cancel": FREQUENCY, "on_error": FREQUENCY},
        Sequence(item=_URL, normal=True),
        *_URL.forms,
        prefix="urls",
        aliases=("webhook",),
    ),
}

NOTIFICATIONS = OneOf(
    forms=(
        Map(
            keys={
                **{name: several(form) for name, form in _KINDS.items()},
                "on_success": FREQUENCY,
                "on_failure": FREQUENCY,
            },
            prefix="email",
            normal=True,
            changes=frozenset({"inherit"}),
        ),
        Sequence(item=_EMAIL, normal=True),
        _EMAIL,
    ),
    normal=True,
)
