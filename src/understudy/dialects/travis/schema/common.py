"""What a job may say beside its language: https://config.travis-ci.com and https://docs.travis-ci.com/user/."""

import re
from dataclasses import replace

from understudy.dialects.travis.schema.build import choice, fields, flag, number, section, several, text, texts
from understudy.dialects.travis.schema.forms import Choice, Map, Node, OneOf, Scalar, Secret, Sequence, Support

_LINUX = Support({"os": ("linux",)})
_LINUX_TOO = Support({"os": ("linux", "linux-ppc64le")})
_NOT_OBJECTIVE_C = Support(excluding={"language": ("objective-c",)})
_STACKS = ("connie", "amethyst", "garnet", "stevonnie", "opal", "sardonyx", "onion", "cookiecat")

LANGUAGE = choice(
    *(
        Choice(name, tuple(aliases.split()))
        for name, aliases in {
            "cpp": "c++",
            "go": "golang",
            "java": "jvm",
            "node_js": "javascript js node",
            "objective-c": "objective_c swift",
            "shell": "bash minimal sh",
        }.items()
    ),
    *(Choice(f"__{name}__", deprecated="experimental stack language") for name in _STACKS),
    "android c clojure crystal csharp d dart elixir elm erlang generic groovy hack haskell haxe julia matlab nix perl",
    "perl6 php python r ruby rust scala smalltalk",
    downcase=True,
)
"""https://docs.travis-ci.com/user/languages/"""

OS = choice(
    Choice("linux", ("ubuntu",), _NOT_OBJECTIVE_C),
    Choice("osx", ("mac", "macos", "macosx", "ios")),
    Choice("windows", ("win",), _NOT_OBJECTIVE_C),
    Choice("freebsd", ("bsd",), _NOT_OBJECTIVE_C),
    "linux-ppc64le",
    downcase=True,
)
"""https://docs.travis-ci.com/user/multi-os/"""

DIST = choice(
    Choice("trusty", support=_LINUX),
    Choice("precise", support=_LINUX),
    Choice("xenial", support=_LINUX_TOO),
    Choice("bionic", support=_LINUX),
    Choice("focal", support=_LINUX_TOO),
    Choice("jammy", support=_LINUX),
    Choice("noble", support=_LINUX),
    Choice("server-2016", support=Support({"os": ("windows",)})),
    Choice("rhel8", support=_LINUX),
    downcase=True,
)
"""https://docs.travis-ci.com/user/reference/linux/"""

ARCH = replace(
    choice(
        Choice("amd64", ("x86_64", "x64")),
        Choice("ppc64le", ("power", "ppc", "ppc64")),
        Choice("i386", ("x86",)),
        "arm64",
        "arm64-graviton2",
        "s390x",
        downcase=True,
    ),
    support=_LINUX,
)
"""https://docs.travis-ci.com/user/multi-cpu-architectures/"""

STACK = replace(
    choice(*_STACKS, downcase=True),
    flags=frozenset({"edge"}),
)

SERVICE = choice(
    Choice("memcached", ("memcache",)),
    Choice("postgresql", ("postgres",)),
    Choice("rabbitmq", ("rabbitmq-server",)),
    Choice("redis", ("redis-server",)),
    Choice("xvfb", support=Support({"dist": ("xenial",)})),
    "cassandra couchdb docker elasticsearch mongodb mysql neo4j riak cri-dockerd",
    downcase=True,
)
"""https://docs.travis-ci.com/user/database-setup/"""

COMPILER = text(only={"language": ("c", "cpp")})
OSX_IMAGE = text(only={"os": ("osx",)})

SUDO = OneOf(forms=(flag(normal=True), text()), deprecated="The key `sudo` has no effect anymore.")

KEEP_NETRC = OneOf(forms=(flag(normal=True),))

VIRT = replace(choice("lxd", "vm", downcase=True), aliases=("virtualization",))

VERSION = Scalar(format=r"^(~>|>|>=|=|<=|<) (\d+(?:\.\d+)?(?:\.\d+)?)$")

VM = Map(
    keys={
        "size": choice("medium large x-large 2x-large gpu-medium gpu-xlarge"),
        "create": Map(keys={"name": text()}, flags=frozenset({"unique-everywhere"})),
        "use": OneOf(forms=(Map(keys={"name": text()}), text())),
    }
)

BRANCHES = section(
    {"only": texts(), "except": texts(aliases=("exclude",))}, texts(), prefix="only", aliases=("branch",)
)
"""https://docs.travis-ci.com/user/customizing-the-build/#building-specific-branches"""

CACHE = OneOf(
    forms=(
        Map(
            keys=fields(
                "directories:texts apt:flag bundler:flag cargo:flag ccache:flag cocoapods:flag npm:flag packages:flag "
                "pip:flag yarn:flag timeout:number edge:flag branch"
            ),
            normal=True,
            changes=frozenset({"cache"}),
        ),
        Scalar(kind="bool", choices=(Choice(value=False),), normal=True),
    )
)
"""https://docs.travis-ci.com/user/caching/"""

GIT = Map(
    keys={
        "strategy": choice("clone", "tarball"),
        "depth": OneOf(forms=(number(), flag())),
        **fields(
            "quiet:flag submodules:flag symlinks:flag submodules_depth:number lfs_skip_smudge:flag sparse_checkout"
        ),
        "autocrlf": OneOf(
            forms=(Scalar(kind="bool", choices=(Choice(value=True), Choice(value=False))), choice("input"))
        ),
    }
)
"""https://docs.travis-ci.com/user/customizing-the-build/#git-clone-depth"""

WORKSPACES = Map(
    keys={
        "create": Map(
            keys={"name": replace(text(), flags=frozenset({"unique"})), "paths": texts()},
            normal=True,
        ),
        "use": replace(texts(), flags=frozenset({"unique"})),
    },
    normal=True,
)
"""https://docs.travis-ci.com/user/using-workspaces/"""

_VARIABLE = OneOf(
    forms=(
        Map(
            rest=OneOf(forms=(text(), number(), flag(), Secret())),
            format=re.compile("^(?!global|jobs|matrix)"),
            normal=True,
            strict=False,
        ),
        Secret(normal=True),
        Scalar(format="^[^=]+=[^=]*$"),
    )
)
VARIABLES = OneOf(forms=(Sequence(item=_VARIABLE, normal=True, changes=frozenset({"env_vars"})), _VARIABLE))
ENV = OneOf(
    forms=(
        Map(
            keys={"global": VARIABLES, "jobs": replace(VARIABLES, aliases=("matrix",))},
            prefix="jobs",
            normal=True,
        ),
        VARIABLES,
    )
)
"""https://docs.travis-ci.com/user/environment-variables/"""

_STAGE = OneOf(forms=(Map(keys=fields("name if"), prefix="name", normal=True), text()))
STAGES = several(_STAGE)
"""https://docs.travis-ci.com/user/build-stages/"""

_TEMPLATE = Scalar(variables=("commit_message",))
_IMPORT = section(
    {
        "source": _TEMPLATE,
        "mode": choice("merge", "deep_merge", "deep_merge_append", "deep_merge_prepend"),
        "if": text(),
    },
    _TEMPLATE,
    prefix="source",
)
IMPORT = several(_IMPORT)
"""https://docs.travis-ci.com/user/build-config-imports/"""

_KV = Map(keys={"kv_api_ver": choice("kv2", "kv1", default="kv2", downcase=True)})
_NAME = Map(keys={"name": text()}, required=("name",))
_NAMESPACE = Map(
    keys={
        "namespace": OneOf(
            forms=(Sequence(item=OneOf(forms=(text(), _NAME)), normal=True), text(), _NAME),
        )
    }
)
_VAULT_SECRET: tuple[Node, ...] = (text(), _KV, _NAMESPACE)
VAULT = Map(
    keys={
        "api_url": text(),
        "token": Secret(),
        "secrets": OneOf(forms=(Sequence(item=OneOf(forms=_VAULT_SECRET), normal=True), *_VAULT_SECRET)),
    },
    required=("api_url", "token"),
)
"""https://docs.travis-ci.com/user/hashicorp-vault-integration/"""
