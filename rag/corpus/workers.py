"""Calls of one object's methods, made by others: processes of this machine, or actors of a Ray cluster. The only module that imports ray.

In: what makes the object, and calls of it. Out: what they return, each as soon as it is there. A worker holds such an object and nothing
else, so that a call whose worker dies is made once more by another; a second death is the call's own (`WorkerDied`). Workers are started
when there is work, and end with the process that started them, however that ends.
The pools of the standard library and of joblib do not serve: when a process of theirs dies they give up all calls, or wait for ever.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property, partial
from itertools import islice
from typing import Any, BinaryIO, Protocol, TypeVar
from urllib.parse import urlsplit

from rag.errors import UsageError, WorkersFailed
from rag.models.runtime import MOST_THREADS, cores

START_SECONDS = 300.0
"""For a worker to be there: a cluster may have to find a machine for it."""
_STARTS = 3
"""Of which one must succeed."""
_REACH_SECONDS = 10.0
"""For a cluster's address to answer."""
_LOCAL, _RUNNING = "local", "auto"
"""Ray's own words for a cluster of its own on this machine, and for the one that runs here."""
Task = TypeVar("Task")
Result = TypeVar("Result")
Make = Callable[[int], object]
"""Makes the object of a worker that takes so many threads; it is sent there."""


class WorkerDied(Exception):
    """A call ended its worker; `late` where it took too long."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        super().__init__(why)
        self.late = late


class Worker(Protocol):
    """One of its calls is made at a time."""

    def get_ready(self) -> None:
        """Returns when it has made its object. Raises WorkerDied, or another error where there is no use in trying once more."""

    def is_there(self) -> bool:
        """False where it is known to have died."""

    def call(self, name: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        """What the method returns or raises. Raises WorkerDied, and then it is of no more use."""

    def end(self) -> None:
        """At once; a call that is being made raises WorkerDied."""


class Source(Protocol):
    """Where workers come from."""

    @property
    def count(self) -> int: ...

    def start(self) -> Worker:
        """Waits for nothing. Raises WorkerDied."""

    def close(self) -> None: ...


class Here:
    """No worker: this process makes the calls, one after the other."""

    def __init__(self, held: object) -> None:
        self._held = held

    def each(self, do: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
        """Each task with what `do` makes of it."""
        return ((task, do(task)) for task in tasks)

    def call(self, name: str, *arguments: Any) -> Any:
        return getattr(self._held, name)(*arguments)

    def close(self) -> None:
        """There is nothing to end."""


class Crew:
    """Workers, as many as their source has and no more than there are tasks."""

    def __init__(self, source: Source, seconds: float) -> None:
        """`seconds` are given to each call."""
        self._source = source
        self._seconds = seconds
        self._starting = threading.Lock()
        self._workers: list[Worker] = []
        self._closed = False

    @cached_property
    def _idle(self) -> queue.SimpleQueue[Worker | None]:
        """Who may make the next call; None stands for one that is to be started."""
        idle = queue.SimpleQueue[Worker | None]()
        for _ in range(self._source.count):
            idle.put(None)
        return idle

    def each(self, do: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
        """Each task with what `do` makes of it, as soon as that is there; `do` runs in a thread for each worker, and may `call`."""
        if not tasks:
            return
        count = min(self._idle.qsize(), len(tasks))
        left, running = iter(tasks), dict[Future[Result], Task]()
        with ThreadPoolExecutor(count) as threads:
            try:
                while True:
                    for task in islice(left, 2 * count - len(running)):
                        running[threads.submit(do, task)] = task
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        yield running.pop(future), future.result()
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                self._end()
                raise

    def call(self, name: str, *arguments: Any) -> Any:
        """What the method of a worker returns or raises. Raises WorkerDied where it ends two of them, WorkersFailed where there are none."""
        try:
            return self._call(name, arguments)
        except WorkerDied as died:
            if died.late:
                raise
            return self._call(name, arguments)

    def _call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        worker = self._idle.get()
        try:
            if worker is None or not worker.is_there():
                worker = self._started()
            return worker.call(name, arguments, self._seconds)
        except WorkerDied:
            worker = None
            raise
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        self._end()
        self._source.close()

    def _end(self) -> None:
        """All workers, at once; none is started any more."""
        with self._starting:
            self._closed = True
        for worker in self._workers:
            worker.end()

    def _started(self) -> Worker:
        why = ""
        for _ in range(_STARTS):
            with self._starting:
                if self._closed:
                    break
                worker = self._source.start()
                self._workers.append(worker)
            try:
                worker.get_ready()
                return worker
            except WorkerDied as died:
                why = str(died)
        raise WorkersFailed(f"no worker can be started ({why}). Without --workers and --ray this process does their work.")


# --- processes ---------------------------------------------------------------------------------------------------------------


def processes(count: int, threads: int, make: Make, seconds: float) -> Crew:
    """So many processes, which share `threads` out between them, or all cores where that is 0."""
    each = min(MOST_THREADS, max(1, (threads or cores()) // count))
    return Crew(_Processes(count, each, partial(make, each)), seconds)


class _Processes:
    def __init__(self, count: int, threads: int, make: Callable[[], object]) -> None:
        self.count = count
        self._threads = str(threads)
        self._make = make

    def start(self) -> Worker:
        return _Process(self._make, {"OMP_NUM_THREADS": self._threads, "RAYON_NUM_THREADS": self._threads})

    def close(self) -> None:
        """Its workers are all that there is."""


class _Process:
    """A fresh Python, without the caller's main module. It is told calls on its standard input, whose end is its own, and answers on its
    standard output."""

    def __init__(self, make: Callable[[], object], variables: Mapping[str, str]) -> None:
        self._make = make
        code = f"import sys; sys.path[:] = {sys.path!r}; from rag.corpus.workers import serve; serve()"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **variables},
                start_new_session=True,  # Ctrl-C is for the process that started it
            )
        except OSError as error:
            raise WorkersFailed(f"no worker can be started ({error.strerror}); try fewer with --workers.") from error

    def get_ready(self) -> None:
        self.call("", (self._make,), START_SECONDS)

    def is_there(self) -> bool:
        return self._process.poll() is None

    def call(self, name: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        began = time.monotonic()
        asked, told = self._process.stdin, self._process.stdout
        assert asked and told
        try:
            pickle.dump((_packed((name, arguments)), seconds), asked, pickle.HIGHEST_PROTOCOL)
            asked.flush()
            returned, value = pickle.load(told)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            why = f"exit code {self._process.returncode}"
            raise WorkerDied(why, late=time.monotonic() - began >= seconds) from error
        if not returned:
            raise value
        return value

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with contextlib.suppress(OSError):
                pipe.close()


def serve() -> None:
    """What a worker's process runs: it makes calls until its standard input ends, or one takes too long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # what a library prints is no answer
    messages = queue.SimpleQueue[tuple[bytes, float]]()
    threading.Thread(target=_hear, args=(asked, messages), daemon=True).start()
    held: object = None
    while True:
        message, seconds = messages.get()
        faulthandler.dump_traceback_later(seconds, exit=True, file=null)  # whatever holds the interpreter
        try:
            name, arguments = pickle.loads(message)
            if name:
                value = getattr(held, name)(*arguments)
            else:
                held, value = arguments[0](), None
            answer = _packed((True, value))
        except Exception as error:
            answer = _packed((False, _sendable(error)))
        faulthandler.cancel_dump_traceback_later()
        try:
            told.write(answer)
            told.flush()
        except OSError:
            return


def _hear(asked: BinaryIO, messages: queue.SimpleQueue[tuple[bytes, float]]) -> None:
    """Passes on what is asked; the process ends where nobody can ask any more, whatever it is at."""
    try:
        while True:
            messages.put(pickle.load(asked))
    finally:
        os._exit(0)


def _packed(message: object) -> bytes:
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


def _sendable(error: Exception) -> Exception:
    """The same, where it can be made again elsewhere from what is sent of it."""
    try:
        pickle.loads(pickle.dumps(error))
        return error
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")


# --- Ray ---------------------------------------------------------------------------------------------------------------------


def cluster(address: str, count: int, make: Make, made_with: Callable[[], dict[str, str]], seconds: float) -> Crew:
    """So many actors of a Ray cluster, one for each of its CPUs where `count` is 0; `address` is "local", "auto" or HOST:PORT.

    Each has one thread, and an object that tells the same as `made_with`. Raises UsageError.
    """
    return Crew(_Cluster(_checked(address), count, partial(make, 1), made_with), seconds)


def _checked(address: str) -> str:
    if address in (_LOCAL, _RUNNING):
        return address
    with contextlib.suppress(ValueError):
        url = urlsplit(address if "://" in address else f"//{address}")
        if url.scheme in ("", "ray") and url.hostname and url.port and url.username is None and not url.path.strip("/"):
            return address
    raise UsageError("ray names no Ray cluster; write HOST:PORT, or local for one on this machine alone.")


class _Held:
    """An actor's object, made by the first call."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    @cached_property
    def _held(self) -> object:
        return self._make()

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        return getattr(self._held, name)(*arguments)

    def host(self) -> str:
        return socket.gethostname()


class _Cluster:
    def __init__(self, address: str, count: int, make: Callable[[], object], made_with: Callable[[], dict[str, str]]) -> None:
        self._address = address
        self._count = count
        self._make = make
        self._made_with = made_with
        self._ours = False

    @cached_property
    def count(self) -> int:
        there = int(self._ray.cluster_resources().get("CPU", 0))
        if self._count > there:
            raise UsageError(f"the Ray cluster at {self._address} has {there} CPUs; {self._count} workers are too many.")
        return self._count or there

    @cached_property
    def _ray(self) -> Any:
        """Ray, connected; without its telemetry and its dashboard."""
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        own: dict[str, Any] = {}
        if self._address == _LOCAL:
            own = {"num_cpus": self._count or cores(), "include_dashboard": False}
            if "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:  # Ray reads them once, when it is imported
                # Who reaches a cluster may run what he likes on it: nobody else has this token.
                os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
        try:
            import ray
        except ImportError as error:
            raise UsageError("--ray needs a package that is not installed. Run: python -m pip install ray") from error
        if ray.is_initialized():
            return ray
        try:
            self._reach()
            ray.init(address=self._address, log_to_driver=False, logging_level="ERROR", **own)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            why = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0].rstrip(".")
            raise WorkersFailed(
                f"no Ray cluster can be used at {self._address} ({why}). One that wants a token gets it from RAY_AUTH_TOKEN."
            ) from error
        self._ours = True
        return ray

    def _reach(self) -> None:
        """Raises OSError where nothing answers: Ray itself would try for long."""
        if self._address not in (_LOCAL, _RUNNING):
            url = urlsplit(f"//{self._address.removeprefix('ray://')}")
            socket.create_connection((url.hostname or "", url.port or 0), _REACH_SECONDS).close()

    @cached_property
    def _wanted(self) -> dict[str, str]:
        return self._made_with()

    def start(self) -> Worker:
        actor = self._ray.remote(num_cpus=1, max_restarts=0)(_Held).remote(self._make)
        return _Actor(self._ray, actor, self._wanted)

    def close(self) -> None:
        if self._ours:
            self._ray.shutdown()


class _Actor:
    def __init__(self, ray: Any, actor: Any, wanted: Mapping[str, str]) -> None:
        self._ray = ray
        self._actor = actor
        self._wanted = wanted

    def get_ready(self) -> None:
        host = self._told(self._actor.host.remote(), START_SECONDS)
        found = self.call("made_with", (), START_SECONDS)
        for what, wanted in self._wanted.items():
            if found.get(what) != wanted:
                raise WorkersFailed(
                    f"the worker on {host} is another: {what} {found.get(what)}, here {wanted}. Install the same there."
                )

    def is_there(self) -> bool:
        return True

    def call(self, name: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        return self._told(self._actor.call.remote(name, arguments), seconds)

    def _told(self, answer: Any, seconds: float) -> Any:
        errors = self._ray.exceptions
        try:
            return self._ray.get(answer, timeout=seconds)
        except errors.GetTimeoutError as error:
            self.end()
            raise WorkerDied(f"no answer within {seconds:g} s", late=True) from error
        except errors.RayTaskError as error:
            raise error.cause from error
        except errors.RayError as error:
            raise WorkerDied(str(error).strip().splitlines()[-1]) from error

    def end(self) -> None:
        with contextlib.suppress(Exception):
            self._ray.kill(self._actor)
