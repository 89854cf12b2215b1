"""What works on every screen: the palette of commands, pictures of the screen, and the messages so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import Notification, Notify
from textual.screen import Screen
from textual.widgets._toast import ToastRack

from tuimove.errors import TuimoveError
from tuimove.recording.folder.first_run import is_first_run, note_first_run
from tuimove.screen.first_words import FirstWords
from tuimove.screen.message_words import fitting_message
from tuimove.screen.messages import Told
from tuimove.screen.one_run.header import RunHeader
from tuimove.screen.told_messages import MessageLog, MessageScreen


class EverywhereApp(App[None]):
    """The application without its runs."""

    CSS = """
    ToastRack { margin-bottom: 0; overflow: hidden; }
    Toast { width: 1fr; max-width: 100%; height: auto; max-height: 3; margin: 0; padding: 0 1; border: none;
            background: $surface; text-style: bold; }
    Toast.-information, Toast.-warning { border: none; }
    Toast.-error { max-height: 6; border: none; color: $error; }
    """
    """A message takes the place of the footer, where it covers nothing; a long one or an error the lines above it, too.

    Above a dialogue of the window's whole height it covers the frame.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon,ctrl+p", "command_palette", "find a command by its words", show=False, key_display=":"),
        Binding("M", "show_messages", "read what the run has said", show=False),
        Binding("S", "save_picture", "save the screen as SVG", show=False),
        Binding("f12", "save_picture", "save the screen as SVG", show=False, priority=True),
    ]

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.messages = MessageLog()
        self._covered = 0
        """Warnings that the message on the screen has taken the place of."""

    @property
    def is_plain(self) -> bool:
        """Whether only ASCII is shown."""
        return False

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield what can be done on a screen."""
        from tuimove.screen.command_palette import deed_commands  # not before the first frame

        return deed_commands(self, screen)

    def notify(self, message: str, **settings: Any) -> None:
        """Keep a message, and show it for a while."""
        self.messages.add(message, settings.get("severity", "information"))
        super().notify(message, **settings)

    def on_notify(self, event: Notify) -> None:
        """Take away the message before a new one, which says how many warnings went so; errors stay."""
        taken = [shown for shown in self._notifications if shown.severity != "error"]
        self._take_away(taken)
        warnings = sum(shown.severity == "warning" for shown in taken)
        self._covered = self._covered + warnings if warnings else 0
        words = event.notification.message
        if event.notification.severity != "error":
            words = fitting_message(words, self.size.width - 2, "~" if self.is_plain else "…")
        if self._covered:
            words = f"({self._covered} more: M)  {words}"
        event.notification = replace(event.notification, message=words)

    def _take_away(self, notifications: Iterable[Notification]) -> None:
        """Take messages off the screen, those too that are just being put there, which Textual would forget."""
        places = {ToastRack._toast_id(shown) for shown in notifications}
        for shown in notifications:
            self._unnotify(shown, refresh=False)
        for rack in self.screen.query(ToastRack) if self.screen_stack else ():
            rack.remove_children([holder for holder in rack.children if holder.id in places])

    def drop_errors(self) -> None:
        """Take away the errors of a screen that is left; they stay among the messages."""
        self._take_away([shown for shown in self._notifications if shown.severity == "error"])

    def on_told(self, event: Told) -> None:
        """Keep a message that isn't shown by itself."""
        self.messages.add(event.words, event.severity)

    def action_show_messages(self) -> None:
        """List what has been said so far."""
        if not isinstance(self.screen, MessageScreen):
            self.push_screen(MessageScreen(self.messages))

    def action_save_picture(self) -> None:
        """Save the screen as an SVG file, and say where."""
        from tuimove.screen.screen_pictures import picture_folders, picture_name, write_picture

        name = picture_name(self.screen_stack)
        try:
            path = write_picture(self.export_screenshot(title=name), name, picture_folders(self.screen_stack))
        except TuimoveError as error:
            self.notify(str(error), severity="warning", timeout=6, markup=False)
        else:
            self.notify(f"the screen is in {path}", timeout=4, markup=False)

    def explain_first_run(self, screen: Screen[None], *, is_kept: bool) -> None:
        """Explain the distance above a user's first run; where runs aren't kept, nothing is written."""
        if not is_first_run():
            return
        if is_kept:
            note_first_run()
        screen.call_after_refresh(lambda: _explain_on(screen))

    async def on_event(self, event: events.Event) -> None:
        """Dismiss the words about the first run by `esc`, which then does nothing else."""
        is_escape = isinstance(event, events.Key) and event.key == "escape" and bool(self.screen_stack)
        if is_escape and (lines := self.screen.query(FirstWords)):
            lines.remove()
            return
        await super().on_event(event)


def _explain_on(screen: Screen[None]) -> None:
    """Put the words under the header of a screen that is still open."""
    if screen.is_attached and (headers := screen.query(RunHeader)):
        screen.mount(FirstWords(), after=headers.first())
