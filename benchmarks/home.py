#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Time logging in and opening the home, beside another state of the sources.

A browser does it once at each server; what it asked is then asked again, by
turns at the one and the other, on a server that is warm.  Each other checkout
needs an environment and a demonstration of its own:

    benchmarks/home.py var/demo --other ../before ../before/var/demo
"""
import argparse
import shutil
import statistics
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from browser.client import Client  # noqa: E402
from browser.demonstration import served  # noqa: E402

USERS = ['comptable', 'accompagnateur']


def record(site, chromium, user):
    "Return what the client calls from its login to its home"
    calls = []
    context = chromium.new_context(locale='fr-FR')
    context.set_default_timeout(90_000)
    page = context.new_page()
    page.on(
        'request', lambda request: calls.append(
            (request.url, request.post_data))
        if request.method == 'POST' and '/bus' not in request.url else None)
    Client(page, site).log_in(user)
    context.close()
    return calls


def replay(calls):
    "Ask the same again in a new session, and return the seconds of each call"
    headers = {'Content-Type': 'application/json'}
    times = []
    for url, body in calls:
        start = time.perf_counter()
        request = urllib.request.Request(url, body.encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            # A browser takes one that is for https here, too
            for cookie in answer.headers.get_all('Set-Cookie', []):
                headers['Cookie'] = cookie.partition(';')[0]
        times.append(time.perf_counter() - start)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path, help="that of a demonstration")
    parser.add_argument(
        '--other', type=Path, nargs=2, metavar=('ROOT', 'FOLDER'),
        help="other sources, and their demonstration")
    parser.add_argument('--rounds', type=int, default=10)
    options = parser.parse_args()
    with ExitStack() as stack:
        sites = [stack.enter_context(served(options.folder.resolve()))]
        if options.other:
            root, folder = (path.resolve() for path in options.other)
            sites.append(stack.enter_context(served(
                        folder, root, root / '.venv' / 'bin' / 'python')))
        play = stack.enter_context(sync_playwright())
        chromium = play.chromium.launch(
            executable_path=shutil.which('chromium'), args=['--no-sandbox'])
        people = [u for u in sites[0].users if '@' in u][:1]
        for user in [*USERS, *people]:
            times = [[] for _ in sites]
            calls = [record(site, chromium, user) for site in sites]
            for turn in range(options.rounds + 1):
                for own, found in zip(calls, times):
                    seconds = replay(own)
                    # The first fills the caches
                    if turn:
                        found.append(seconds)
            # What the machine does besides falls on single calls
            medians = [
                sum(statistics.median(call) for call in zip(*turns))
                for turns in times]
            print(
                f"{user}: {len(calls[0])} calls, "
                + ', '.join(f"{m * 1000:.0f} ms" for m in medians)
                + ''.join(
                    f", {medians[0] / m:.2f} x" for m in medians[1:]),
                flush=True)
        chromium.close()


if __name__ == '__main__':
    main()
