# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Processes that work on a database, and may be killed or delayed at any
statement.

Run as a script it loads the models once, then forks a process for each job
that it reads: a job begins at once, in a process with its own connection.
"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

KILLED = -signal.SIGKILL


class Workers:
    "The side of the tests"

    def __init__(self, databases, source, name, seconds=300):
        """source is the database that the models are loaded with, name that
        of the one to work on"""
        self.seconds = seconds
        databases.copy(source, name)
        self.process = subprocess.Popen(
            [sys.executable, __file__, databases.name(name)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=databases.environ, cwd=Path(__file__).parent)
        assert self.process.stdout.readline() == 'ready\n'

    def run(self, *jobs):
        """Run jobs at the same time and return how each ended

        A job is a dictionary: args of the command line or action, a function
        of the module actions with its arguments; kill, the number of the
        statement before which it is killed; after, the seconds after which it
        is; delays, a seed of moments at which it waits.
        """
        self.process.stdin.write(json.dumps(
                [{'seconds': self.seconds, **job} for job in jobs]) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


# The side of the processes

class Statements:
    "Count the statements of this process, wait at some and be killed at one"

    def __init__(self, kill=None, delays=None):
        self.count = 0
        self.commits = []
        self.kill = kill
        self.chance = None if delays is None else random.Random(delays)

    def step(self):
        self.count += 1
        if self.count == self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        # Long enough for the other one to do some statements
        if self.chance and self.chance.random() < 0.03:
            time.sleep(self.chance.random() * 0.1)

    def install(self):
        install(lambda: self)


def install(current):
    """Let the statements of this process be steps of those that current
    returns, if any"""
    from trytond import backend

    def before(function):
        def wrapper(*args, **kwargs):
            if statements := current():
                statements.step()
            return function(*args, **kwargs)
        return wrapper

    def around_commit(function):
        def wrapper(*args, **kwargs):
            if not (statements := current()):
                return function(*args, **kwargs)
            statements.step()
            statements.commits.append(statements.count)
            result = function(*args, **kwargs)
            statements.step()
            return result
        return wrapper

    if backend.name == 'sqlite':
        from trytond.backend.sqlite import database
        cursor = database.SQLiteCursor
        connection = database.SQLiteConnection
        names = ['execute', 'executemany']
    else:
        import psycopg

        from trytond.backend.postgresql import database
        cursor, connection = database.LoggingCursor, psycopg.Connection
        names = ['execute', 'executemany', 'copy']
    for name in names:
        setattr(cursor, name, before(getattr(cursor, name)))
    connection.commit = around_commit(connection.commit)


def work(database, job, told):
    "Do the job and write what is told of it"
    from trytond.pool import Pool
    start = time.monotonic()
    statements = Statements(job.get('kill'), job.get('delays'))
    statements.install()
    # The models are those of the process that was forked
    Pool.init = Pool.start = lambda *args, **kwargs: None
    if 'action' in job:
        import actions
        name, *args = job['action']
        code = getattr(actions, name)(database, *args)
    else:
        from trytond.modules.coop_cae.scripts.main import main
        code = main(['-d', database, '-q', *job['args']])
    Path(told).write_text(json.dumps({
                'code': code or 0, 'statements': statements.count,
                'commits': statements.commits,
                'seconds': time.monotonic() - start}))


def fork(database, job, folder):
    "Begin the job in a process of its own and return its id"
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        output = os.open(
            folder / 'output', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        signal.alarm(int(job['seconds']))
        work(database, job, folder / 'told')
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(database, jobs, folder):
    folders = [folder / str(i) for i in range(len(jobs))]
    pids = []
    for job, own in zip(jobs, folders):
        own.mkdir()
        pids.append(fork(database, job, own))
    for pid, job in sorted(
            ((p, j) for p, j in zip(pids, jobs) if 'after' in j),
            key=lambda pair: pair[1]['after']):
        time.sleep(job['after'])
        os.kill(pid, signal.SIGKILL)
    for pid, own in zip(pids, folders):
        _, status = os.waitpid(pid, 0)
        result = {
            'ended': os.waitstatus_to_exitcode(status),
            'output': (own / 'output').read_text()
            if (own / 'output').exists() else ''}
        if (own / 'told').exists():
            result.update(json.loads((own / 'told').read_text()))
        yield result


def load(database):
    "Load the models, for the processes that are forked"
    import trytond.config as config
    config.update_etc(os.environ['TRYTOND_CONFIG'])
    from trytond import backend
    from trytond.pool import Pool
    Pool.start()
    Pool(database).init()
    # A connection is of the process that made it
    backend.Database(database).close()
    backend.Database.clear_cache()
    if hasattr(backend.Database, '_databases'):
        for other in list(backend.Database._databases[os.getpid()].values()):
            other.close()


def serve(database):
    load(database)
    print('ready', flush=True)
    for line in sys.stdin:
        with tempfile.TemporaryDirectory() as folder:
            results = list(run(database, json.loads(line), Path(folder)))
        print(json.dumps(results), flush=True)


if __name__ == '__main__':
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    serve(sys.argv[1])
