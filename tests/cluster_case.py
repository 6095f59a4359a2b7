# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Tests of what happens to a PostgreSQL of their own, which others do not
use."""
import os
import subprocess
from contextlib import ExitStack

from file_database import FileDatabases
from server_case import ServerTestCase
from server_process import Loader
from worker import Workers

from tools.postgresql import Cluster


class ClusterDatabases(FileDatabases):
    "Those of a cluster, with a template from the cluster of the run"

    def __init__(self, cluster, source):
        self.cluster = cluster
        self.connection = {
            'host': cluster.environ['PGHOST'],
            'port': cluster.environ['PGPORT'],
            'user': cluster.environ['PGUSER'],
            }
        super().__init__()
        dump = self.folder / 'template.dump'
        subprocess.run(
            ['pg_dump', '-F', 'c', '-f', dump, source.name('template')],
            check=True)
        self.create('template')
        subprocess.run(
            ['pg_restore', '--no-owner', '-d', self.name('template'), dump],
            check=True, env={**os.environ, **cluster.environ})

    @property
    def environ(self):
        return {
            **super().environ,
            **{k: v for k, v in self.cluster.environ.items()
                if k.startswith('PG')}}


class ClusterTestCase(ServerTestCase):
    settings = {}

    @classmethod
    def cluster_environ(cls):
        return {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.cluster = stack.enter_context(Cluster(
                # What is told to be done is kept
                {'synchronous_commit': 'on', 'shared_buffers': '32MB',
                    **cls.settings}, cls.cluster_environ()))
        cls.databases = ClusterDatabases(cls.cluster, cls.databases)
        cls.addClassCleanup(cls.databases.close)
        cls.workers = Workers(cls.databases, 'template', 'work')
        cls.addClassCleanup(cls.workers.close)
        cls.loader = Loader(
            cls.databases, 'template', environ=cls.loader_environ())
        cls.addClassCleanup(cls.loader.close)


del ServerTestCase
