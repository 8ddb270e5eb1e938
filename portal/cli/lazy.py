"""Commands that are imported when somebody gives them: a command should not wait for what all the others need."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows where its commands are („module:name”) and imports the one asked for."""

    def __init__(self, *words: Any, commands_at: Mapping[str, str], **options: Any) -> None:
        super().__init__(*words, **options)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, those known by place in the order they were named."""
        return [*super().list_commands(ctx), *self.commands_at]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; none if there is none of this name."""
        if (place := self.commands_at.get(cmd_name)) is None:
            return super().get_command(ctx, cmd_name)
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command
