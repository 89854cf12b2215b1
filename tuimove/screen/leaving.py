"""The part of the application that ends runs: never one that trains here without a question."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from textual import events
from textual.app import App

from tuimove.errors import TuimoveError
from tuimove.screen.leave_question import AGAIN, Answer, LeaveQuestion, Leaving
from tuimove.screen.messages import StopAsked
from tuimove.screen.sources.runs_source import STOP_SECONDS, Background
from tuimove.screen.sources.trained_experiment import ExperimentThread

YOUNG_SECONDS = 10.0
"""Age in seconds up to which a run is left without a question."""


class LeavingApp(App[None], inherit_bindings=False):  # Textual's own `ctrl+q` ends a run without a word
    """Asks before it stops a run, or leaves it to the background."""

    begun: list[Background]
    """All threads that train or read for the screens, the newest last."""
    _begun_at = 0.0
    """When the newest of them began."""

    def note_begun(self, thread: Background) -> None:
        """Note a thread that trains or reads from now on."""
        self.begun.append(thread)
        self._begun_at = time.monotonic()

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; keys that were typed after the one that ends the application find no screen any more."""
        if not isinstance(event, events.InputEvent) or (self.screen_stack and not self._exit):
            await super().on_event(event)

    def stop_runs(self) -> None:
        """Ask every run to end."""
        for thread in self.begun:
            thread.stop()

    def action_detach(self) -> None:
        """Hand the training over to a background process, and close."""
        thread = self.begun[-1] if self.begun else None
        if thread is not None and thread.is_alive() and thread.out is None:
            self.notify("what isn't kept can't go on in the background", severity="warning", timeout=4)
            return
        if thread is not None:
            thread.stop("detached")
        self.exit()

    async def action_quit(self) -> None:
        """Leave; while a run trains here, after a question, which a second such key answers with the background."""
        if isinstance(self.screen, LeaveQuestion):
            self.screen.answer(AGAIN[0])
        else:
            self.leave_run(" and quit", self._stop_and_exit, takes_again=True)

    def _stop_and_exit(self) -> None:
        """Stop the runs, unless they go on in the background, and close: a terminal that goes now changes nothing."""
        self.stop_runs()
        self.exit()

    def on_stop_asked(self, event: StopAsked) -> None:
        """Stop what the screen shows, after a question."""

        def take(answer: Answer | None) -> None:
            if answer == "stop":
                event.end_it()
            elif answer == "background":
                self.action_detach()

        if event.source not in self.begun:
            self.push_screen(LeaveQuestion(Leaving("This run trains in another process", ""), takes_again=False), take)
        elif (thread := self._to_be_asked_about()) is not None:
            self.push_screen(LeaveQuestion(self._leaving(thread, ""), takes_again=False), take)
        else:
            event.end_it()

    def leave_run(self, then: str, leave: Callable[[], None], *, takes_again: bool = False) -> None:
        """Call `leave`; while a run trains here, only once the user has said what is to become of it.

        `takes_again` where that ends the application, which hands over what goes on, and the key is one of AGAIN.
        """
        thread = self._to_be_asked_about()
        if thread is None:
            leave()
            return

        def take(answer: Answer | None) -> None:
            if answer == "background":
                thread.stop("detached")
                if not takes_again:
                    self._hand_over(thread)
            if answer in ("stop", "background"):
                leave()

        self.push_screen(LeaveQuestion(self._leaving(thread, then), takes_again=takes_again), take)

    def _to_be_asked_about(self) -> Background | None:
        """Return what trains here and isn't young."""
        is_young = time.monotonic() < self._begun_at + YOUNG_SECONDS
        training = self.begun[-1:] if not is_young else []
        return next((thread for thread in training if thread.trains_here), None)

    def _leaving(self, thread: Background, then: str) -> Leaving:
        what = "These runs train here" if isinstance(thread, ExperimentThread) else "This run trains here"
        if thread.can_be_handed_over:
            loses = isinstance(thread, ExperimentThread) and thread.loses_unfinished
            return Leaving(what, then, f"go on in the background{', unfinished runs anew' if loses else ''}")
        return Leaving(what, then, why_not="It isn't kept, so it can't go on in the background.")

    def _hand_over(self, thread: Background) -> None:
        """Hand a run over while the application goes on; its end waits for that."""

        def hand_over() -> None:
            thread.join(STOP_SECONDS)
            try:
                thread.hand_over(lambda _: None)
            except TuimoveError as error:
                self.notify(str(error), severity="error", timeout=3600, markup=False)

        threading.Thread(target=hand_over, name="handing over", daemon=True).start()
