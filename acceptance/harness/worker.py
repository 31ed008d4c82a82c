# acceptance/harness/worker.py: a thread whose failure fails the test, and that no test waits for in vain.
import threading

JOIN_SECONDS = 120


class Worker(threading.Thread):
    """Override `work`, or give a function."""

    def __init__(self, function=None):
        super().__init__(daemon=True)
        self.function, self.error = function, None

    def work(self):
        self.function()

    def run(self):
        try:
            self.work()
        except BaseException as error:  # told by finish(): a thread's exception would be lost
            self.error = error

    def finish(self):
        self.join(JOIN_SECONDS)
        if self.error is not None:
            raise self.error
        assert not self.is_alive(), f"still at work after {JOIN_SECONDS} s"


def together(*functions):
    """Runs all of them at once, beginning together."""
    begin = threading.Barrier(len(functions))

    def started(function):
        def run():
            begin.wait(JOIN_SECONDS)
            function()
        return run
    workers = [Worker(started(function)) for function in functions]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.finish()
