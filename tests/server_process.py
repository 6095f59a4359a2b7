# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A server of Tryton and a worker of its queue, in processes of their own, and
their clients.

Run as a script it is the command trytond or trytond-worker, whose requests or
tasks may be killed, made to wait or delayed at any statement; or it loads the
models once and forks such commands, as servers that load before they fork do.
"""
import base64
import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

SECONDS = 300  # on a busy machine
HEADER = 'X-Points'


class Gone(Exception):
    "The server went before it answered"


class Refused(Exception):
    "The server answered with an error"

    def __init__(self, status, error):
        super().__init__(status, error)
        self.status = status
        self.error = error


# The side of the tests

def wait_for(condition, what, seconds=SECONDS):
    "Return what the condition returns once it is true"
    end = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < end, f"{what}: not in {seconds} s"
        time.sleep(0.05)
    return result


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


class Loader:
    "A process with the models of a database, that forks commands"

    def __init__(self, databases, source, name='work', environ={}):
        databases.copy(source, name)
        self.process = subprocess.Popen(
            [sys.executable, __file__, 'load', databases.name(name)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**databases.environ, **environ}, cwd=Path(__file__).parent)
        assert self.process.stdout.readline() == 'ready\n'

    def fork(self, **command):
        "Return the id of a new process"
        self.process.stdin.write(json.dumps(command) + '\n')
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


class _Process:
    """A command on a database, in a group of processes of its own

    It is forked by the loader, if there is one."""
    kind = None
    options = []

    def __init__(
            self, databases, name='work', environ=None, loader=None,
            **sections):
        self.databases = databases
        self.name = name
        self.environ = environ or {}
        self.loader = loader
        self.pid = self.process = None
        self.port = free_port()
        self.folder = databases.folder / f'{self.kind}-{self.port}'
        self.folder.mkdir()
        self.log = self.folder / 'log'
        self.configuration = self.folder / 'trytond.conf'
        sections.setdefault('web', {})['listen'] = f'127.0.0.1:{self.port}'
        if not databases.sqlite and 'cache' not in sections:
            # As is advised for PostgreSQL
            sections['cache'] = {'clean_timeout': 0}
        self.configuration.write_text(databases.configured(sections))

    def start(self):
        args = [
            self.kind, '-c', str(self.configuration),
            '-d', self.databases.name(self.name), *self.options]
        environ = {'TRYTOND_CONFIG': str(self.configuration), **self.environ}
        if self.loader:
            self.pid = self.loader.fork(
                args=args, environ=environ, log=str(self.log))
            return self
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [sys.executable, __file__, *args],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=Path(__file__).parent,
                env={**self.databases.environ, **environ})
        self.pid = self.process.pid
        return self

    def running(self):
        if self.process:
            return self.process.poll() is None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def wait_ended(self):
        wait_for(
            lambda: self.pid is None or not self.running(),
            f"{self.kind} does not end")
        # Nor its children, if there are any
        self.kill()

    def kill(self):
        "End it at once, with its children"
        if self.pid is not None:
            wait_for(self._killed, f"{self.kind} is not killed")
        self.pid = self.process = None

    def _killed(self):
        # One that was just forked may have no group yet
        for kill in [os.killpg, os.kill]:
            try:
                kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return not self.running()

    def said(self):
        return self.log.read_text(errors='replace')[-5000:]

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.kill()


class Server(_Process):
    kind = 'server'

    def start(self):
        super().start()
        wait_for(self._answers, f"the server does not start:\n{self.log}")
        return self

    def _answers(self):
        assert self.running(), self.said()
        try:
            connection = http.client.HTTPConnection(
                '127.0.0.1', self.port, timeout=SECONDS)
            connection.request(
                'POST', '/rpc/', json.dumps({
                        'id': 0, 'method': 'common.server.version',
                        'params': []}),
                {'Content-Type': 'application/json'})
            return connection.getresponse().status == 200
        except OSError:
            return False

    def client(self, login, password):
        return Client(
            self.port, self.databases.name(self.name), login, password)


class Worker(_Process):
    kind = 'worker'
    options = ['-n', '1', '-t', '1']
    # Of the tasks of the next start
    points = {}

    def told(self):
        "Return what was told of the tasks of its child"
        path = self.folder / 'told'
        return json.loads(path.read_text()) if path.exists() else None

    def start(self):
        (self.folder / 'told').unlink(missing_ok=True)
        self.environ[_POINTS] = json.dumps(
            {**self.points, 'told': str(self.folder / 'told')})
        return super().start()


class Client:
    "A client with a session, over JSON-RPC"

    def __init__(self, port, database, login, password):
        self.port = port
        self.path = f'/{database}/rpc/'
        self.headers = {'Content-Type': 'application/json'}
        self.told = None
        user, session, *_ = self.call(
            'common.db.login', login, {'password': password}, 'en')
        self.user = user
        self.headers['Authorization'] = 'Session ' + base64.b64encode(
            f'{login}:{user}:{session}'.encode()).decode()

    def call(self, method, *params, points=None):
        from trytond.protocols.jsonrpc import JSONDecoder, JSONEncoder
        headers = dict(self.headers)
        if points is not None:
            headers[HEADER] = json.dumps(points)
        connection = http.client.HTTPConnection(
            '127.0.0.1', self.port, timeout=SECONDS)
        try:
            connection.request(
                'POST', self.path, json.dumps({
                        'id': 0, 'method': method, 'params': params},
                    cls=JSONEncoder),
                headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, TimeoutError):
                raise
            raise Gone(str(error)) from error
        finally:
            connection.close()
        if told := response.headers.get(HEADER):
            self.told = json.loads(told)
        if response.status != 200:
            raise Refused(response.status, body.decode(errors='replace'))
        answer = json.loads(body, object_hook=JSONDecoder())
        if answer.get('error'):
            raise Refused(response.status, answer['error'])
        return answer['result']


class Call(threading.Thread):
    "A call that goes on while the test does something else"

    def __init__(self, function, *args, **options):
        super().__init__(daemon=True)
        self.function, self.args, self.options = function, args, options
        self.result = self.error = None
        self.start()

    def run(self):
        try:
            self.result = self.function(*self.args, **self.options)
        except Exception as error:
            self.error = error

    def end(self):
        "Wait for the answer and return the error, if it was one"
        self.join(SECONDS)
        assert not self.is_alive(), "no answer"
        return self.error


@contextmanager
def paused(function, statement, folder):
    """Let a call wait before a statement, and go on at the end of the context

    It gives the call; one that ends before waits for nobody."""
    waits, go = folder / 'waits', folder / 'go'
    for path in [waits, go]:
        path.unlink(missing_ok=True)
    call = Call(function, points={
            'pause': statement, 'waits': str(waits), 'go': str(go)})
    try:
        wait_for(
            lambda: waits.exists() or not call.is_alive(), "the call waits")
        yield call
    finally:
        go.touch()
    call.end()


# The side of the processes

_POINTS = 'COOP_CAE_TASK_POINTS'
_local = threading.local()


def _statements():
    return getattr(_local, 'statements', None)


def _points(kill=None, delays=None, pause=None, waits=None, go=None):
    import worker

    class Statements(worker.Statements):

        def step(self):
            if self.count + 1 == pause:
                Path(waits).touch()
                wait_for(Path(go).exists, "go")
            super().step()

    return Statements(kill, delays)


def _told(statements, start):
    return json.dumps({
            'statements': statements.count, 'commits': statements.commits,
            'seconds': time.monotonic() - start})


def _serve():
    "Count the statements of the requests that ask for it"
    from trytond.cli import main
    from trytond.wsgi import app
    wsgi_app = app.wsgi_app

    def counted(environ, start_response):
        points = environ.get('HTTP_X_POINTS')
        if points is None:
            return wsgi_app(environ, start_response)
        start = time.monotonic()
        statements = _local.statements = _points(**json.loads(points))

        def tell(status, headers, *args):
            return start_response(
                status, [*headers, (HEADER, _told(statements, start))], *args)
        try:
            return wsgi_app(environ, tell)
        finally:
            _local.statements = None
    app.wsgi_app = counted
    main()


def _work():
    "Count the statements of the tasks, all of them in one child"
    import trytond.worker as worker
    from trytond.cli.worker import main
    points = json.loads(os.environ[_POINTS])
    told = Path(points.pop('told'))
    statements = _points(**points)
    run_task, start = worker.run_task, None

    # The executor finds it by its name
    @functools.wraps(run_task)
    def counted(*args):
        nonlocal start
        start = start or time.monotonic()
        _local.statements = statements
        try:
            return run_task(*args)
        finally:
            _local.statements = None
            told.with_suffix('.new').write_text(_told(statements, start))
            told.with_suffix('.new').rename(told)
    worker.run_task = counted
    main()


def _main(kind, *args):
    # The modules of the repository, and of the tests
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    import worker

    import trytond.config as config
    if 'faketime' in os.environ.get('LD_PRELOAD', ''):
        # Which cannot sleep while the monotonic clock is not faked
        time.sleep = lambda seconds: threading.Event().wait(seconds)
    if kind == 'load':
        return _load(*args)
    config.update_etc(os.environ['TRYTOND_CONFIG'])
    worker.install(_statements)
    sys.argv = [kind, *args]
    {'server': _serve, 'worker': _work}[kind]()


def _load(database):
    import worker

    # They are its children, of which it waits for none
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import trytond.wsgi  # noqa: F401
    worker.load(database)
    print('ready', flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if pid := os.fork():
            print(pid, flush=True)
            continue
        try:
            _become(**command)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)


def _become(args, environ, log):
    "Be a command with the models that are there"
    from trytond.pool import Pool
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in [(null, 0), (output, 1), (output, 2)]:
        os.dup2(source, target)
    os.environ.update(environ)
    Pool.init = Pool.start = lambda *args, **kwargs: None
    _main(*args)


if __name__ == '__main__':
    _main(*sys.argv[1:])
