"""
The decorator of classes that hold facts: made by the hundred thousand, and anew by every command that starts.

A frozen dataclass sets every field through `object.__setattr__`, which makes it three times as slow to build as a
plain one. Facts are therefore frozen for the type checker only: it refuses to change them exactly as if they were
`dataclass(frozen=True)`, and a running program pays nothing for it.

Nor does a command pay for classes it loads and never builds. The standard library's decorator compiles every method
from text at once, up to two milliseconds per class, and loads `inspect` for it; here the one method that has to be
compiled is when more than a few objects are built. To all else (`fields`, `asdict`, `replace`) facts are dataclasses.
For the same reason `NamedTuple` is here: the standard library's compiles what makes a tuple, and every annotation, for
each class at once.
`Protocol` is here so that hooks need not load `typing`: the modules that they load name its types for the type checker
only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass as fact
    from dataclasses import field, replace
    from typing import NamedTuple, Protocol

    def names(cls: type) -> tuple[str, ...]:
        """The names of a fact's fields, in their order."""
else:
    from collections import _tuplegetter  # as fast as an attribute can be
    from operator import attrgetter

    class Protocol:
        """What others offer; nothing is asked of it at run time."""

    _FEW = 20
    """Objects of a class that are built one field at a time, before it pays to compile what does it."""

    def fact(*, frozen=False, slots=False, kw_only=False):
        """`dataclass` with these options; equal facts have equal hashes, as frozen ones do."""
        return lambda plain: _made(plain, slots, kw_only)

    class field:
        """A field whose default is made anew for every object."""

        def __init__(self, *, default_factory):
            self.default_factory = default_factory

    def names(cls):
        """The names of a fact's fields, in their order."""
        return cls.__fact__.names

    def replace(known, /, **changes):
        """A copy with other values in some fields."""
        cls = known.__class__
        return cls(**{name: getattr(known, name) for name in names(cls)} | changes)

    class _Named(tuple):
        """What every named tuple can do, by the names that those of the standard library have."""

        __slots__ = ()
        _fields = ()

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, not {len(made)}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, /, **changes):
            values = [changes.pop(name, value) for name, value in zip(self._fields, self, strict=True)]
            if changes:
                raise ValueError(f"{self.__class__.__name__} has no {', '.join(changes)}")
            return self._make(values)

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            said = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{self.__class__.__name__}({said})"

    class _NamedTuples(type):
        """Makes the tuple that a class statement with annotations describes."""

        def __new__(cls, name, bases, members):
            """As `typing.NamedTuple` makes it, the annotations left in words."""
            fields = tuple(members.get("__annotations__", ()))
            defaults = {field: members.pop(field) for field in fields if field in members}
            members.pop("__orig_bases__", None)
            members |= {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
            members |= {"__slots__": (), "__match_args__": fields, "_fields": fields, "_field_defaults": defaults}
            return type(name, (_Named,), members | {"__new__": _new(fields, defaults)})

    def _new(fields, defaults):
        """`__new__` of a named tuple: in words for a few, compiled from then on and for whatever does not suit."""
        few = iter(range(_FEW))

        def __new__(cls, *values, **given):
            left, said = fields[len(values) :], defaults | given
            suits = len(values) <= len(fields) and given.keys() <= set(left) <= said.keys()
            if suits and next(few, None) is not None:
                return tuple.__new__(cls, (*values, *map(said.__getitem__, left)))
            named = _owner(cls, "_fields", fields)
            named.__new__ = staticmethod(_compiled_new(named, fields, defaults))  # in our place from now on
            return named.__new__(cls, *values, **given)

        return __new__

    def _compiled_new(cls, fields, defaults):
        parameters = [f"{name}=_defaults[{name!r}]" if name in defaults else name for name in fields]
        compiled = {"_defaults": defaults, "_new": tuple.__new__}
        taken = "".join(f"{name}, " for name in fields)
        exec(f"def __new__(_cls, {', '.join(parameters)}):\n return _new(_cls, ({taken}))", compiled)  # noqa: S102
        compiled["__new__"].__qualname__ = f"{cls.__qualname__}.__new__"
        return compiled["__new__"]

    class _NamedTuple:
        """Stands among the bases of such a class statement, and names what makes the class."""

        def __mro_entries__(self, bases):
            """A base that is there for its metaclass."""
            return (_ForItsMetaclass,)

    _ForItsMetaclass = type.__new__(_NamedTuples, "_ForItsMetaclass", (), {})
    NamedTuple = _NamedTuple()

    def _owner(cls, name, value):
        """The class that what it is made of was made for; the object may be of one that inherits from it."""
        return next(base for base in cls.__mro__ if vars(base).get(name) is value)

    def _made(plain, slots, kw_only):
        made = _Fields(plain, kw_only)
        members = {name: member for name, member in vars(plain).items() if name not in ("__dict__", "__weakref__")}
        if slots:
            for name in made.own:
                members.pop(name, None)
            members["__slots__"] = made.own
        members |= {"__qualname__": plain.__qualname__, "__fact__": made, "__dataclass_fields__": _Standard()}
        members |= {method.__name__: method for method in _methods(made)}
        return type(plain)(plain.__name__, plain.__bases__, members)

    def _methods(made):
        names = made.names
        values = attrgetter(*names) if len(names) > 1 else lambda self: (getattr(self, names[0]),)

        few = iter(range(_FEW))

        def __init__(self, *args, **given):
            if not args and made.suits(given) and next(few, None) is not None:
                for name in names:
                    setattr(self, name, given[name] if name in given else made.default(name))
            else:
                cls = _owner(self.__class__, "__fact__", made)
                cls.__init__ = made.builder(f"{cls.__qualname__}.__init__")  # in our place from now on
                cls.__init__(self, *args, **given)

        def __eq__(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def __hash__(self):
            return hash(values(self))

        def __repr__(self):
            said = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
            return f"{self.__class__.__qualname__}({said})"

        return __init__, __eq__, __hash__, __repr__

    class _Standard:
        """The fields as those of a dataclass, made when somebody asks for them."""

        def __get__(self, instance, owner):
            from dataclasses import dataclass
            from dataclasses import field as standard

            made = owner.__fact__
            members = {"__annotations__": made.annotations, "__module__": owner.__module__}
            for name, default in made.defaults.items():
                anew = isinstance(default, field)
                members[name] = standard(default_factory=default.default_factory) if anew else default
            twin = dataclass(repr=False, eq=False, kw_only=made.kw_only)(type(owner.__name__, (), members))
            owner.__dataclass_fields__ = twin.__dataclass_fields__  # in our place from now on
            return owner.__dataclass_fields__

    class _Fields:
        """The fields of one class, those of its bases first."""

        def __init__(self, plain, kw_only):
            said = vars(plain)
            self.own = tuple(said.get("__annotations__", ()))
            self.annotations, self.defaults = {}, {}
            for known in (base.__fact__ for base in reversed(plain.__bases__) if hasattr(base, "__fact__")):
                self.annotations |= known.annotations
                self.defaults |= known.defaults
            self.annotations |= said.get("__annotations__", {})
            self.defaults |= {name: said[name] for name in self.own if name in said}
            self.names = tuple(self.annotations)
            self.known = frozenset(self.names)
            self.needed = self.known - self.defaults.keys()
            self.kw_only = kw_only

        def suits(self, given):
            """Whether these are all that is needed and nothing else."""
            return self.needed <= given.keys() <= self.known

        def default(self, name):
            """What a field holds that is not given."""
            default = self.defaults[name]
            return default.default_factory() if isinstance(default, field) else default

        def builder(self, qualified_name):
            """`__init__`, compiled."""
            parameters, body = ["self", *["*"] * self.kw_only], []
            for name in self.names:
                default = self.defaults.get(name, self)
                parameters.append(name if default is self else f"{name}=_defaults[{name!r}]")
                built = f"_defaults[{name!r}].default_factory() if {name} is _defaults[{name!r}] else "
                body.append(f" self.{name} = {built if isinstance(default, field) else ''}{name}")
            compiled = {"_defaults": self.defaults}
            exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(body), compiled)  # noqa: S102 - as dataclasses do
            compiled["__init__"].__qualname__ = qualified_name
            return compiled["__init__"]


__all__ = ["NamedTuple", "Protocol", "fact", "field", "names", "replace"]
