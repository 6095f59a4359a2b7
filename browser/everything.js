/* This file is part of the coop_cae project.  The COPYRIGHT file at the top
   level of this repository contains the full copyright notices and terms. */
/* Open screens one after the other in the web client, as fast as it goes.

   Each is told with what went wrong and with the texts that it shows. */
(function() {
    'use strict';

    const LIMIT = 60000, STEP = 20, QUIET = 120;
    let wrong = [];

    window.addEventListener('error', event => wrong.push(event.message));
    window.addEventListener('unhandledrejection', event => {
        wrong.push(String(event.reason));
    });
    // What the policy of the server does not let the client do
    document.addEventListener('securitypolicyviolation', event => {
        wrong.push(`${event.effectiveDirective}: ${event.blockedURI}`);
    });
    // Where jQuery tells of the errors in its callbacks
    for (const level of ['error', 'warn']) {
        const tell = console[level];
        console[level] = function(...texts) {
            const text = texts.map(String).join(' ');
            if ((level == 'error') || text.includes('Deferred exception')) {
                wrong.push(text);
            }
            tell.apply(console, texts);
        };
    }

    const wait = time => new Promise(done => setTimeout(done, time));

    async function quiet(ready=() => true) {
        const end = Date.now() + LIMIT;
        for (let still = 0; still < QUIET; still += STEP) {
            await wait(STEP);
            if (jQuery.active || !ready()) {
                still = -STEP;
            }
            if (Date.now() > end) {
                wrong.push("nothing came");
                return;
            }
        }
    }

    // What is in the page but is data, or the same on each screen
    const LEFT_OUT = 'script, style, td, textarea, #menu, .rtl-only';
    const ATTRIBUTES = ['title', 'placeholder', 'aria-label', 'data-title'];

    function texts(root) {
        const found = new Set();
        const add = text => {
            text = (text || '').trim();
            if (text) {
                found.add(text);
            }
        };
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const parent = walker.currentNode.parentElement;
            if (!parent.closest(LEFT_OUT)) {
                add(walker.currentNode.textContent);
            }
        }
        for (const element of root.querySelectorAll('*')) {
            for (const name of ATTRIBUTES) {
                add(element.getAttribute(name));
            }
        }
        // Selections show their value in a cell
        for (const element of root.querySelectorAll(
                '.column-selection, .column-multiselection')) {
            add(element.textContent);
        }
        return [...found];
    }

    const dialogs = () => jQuery('.modal.in:visible').toArray();
    const current = () => Sao.Tab.tabs.get_current();

    // What is told in a dialog
    function told() {
        return dialogs().map(dialog => {
            const alert = dialog.querySelector('.alert');
            return alert ? alert.innerText : dialog.innerText;
        }).join(' ').trim();
    }

    // Close what is told as a user does, as the client shows it again
    async function leave() {
        for (let i = 0; (i < 5) && dialogs().length; i++) {
            const dialog = jQuery(dialogs().pop());
            if (dialog.is('.wizard-dialog')) {
                dialog.trigger(jQuery.Event('keydown', {which: 27}));
            } else {
                dialog.find('.modal-footer button').last().click();
            }
            await quiet();
        }
        // What has no button to cancel
        jQuery(dialogs()).modal('hide');
        await quiet();
        for (const tab of [...Sao.Tab.tabs]) {
            tab._close_allowed = () => jQuery.when();
            await tab.close();
        }
        jQuery('.everything').remove();
        await quiet();
    }

    async function execute(screen) {
        const action = await Sao.rpc({
            'method': 'model.ir.action.get_action_value',
            'params': [screen.action, {}],
        }, Sao.Session.current_session);
        const data = screen.data;
        if (data.model) {
            const keyword = {
                'ir.action.report': 'form_print',
                'ir.action.wizard': 'form_action',
                'ir.action.act_window': 'form_relate',
            };
            action.keyword = keyword[action.type];
        }
        return Sao.Action.exec_action(action, data, {});
    }

    // A dialog tells of what the server refuses
    const refused = promise => promise.catch(error => {
        if (error instanceof Error) {
            wrong.push(error.stack);
        }
    });

    const openers = {

        windows: async function(screen, note) {
            refused(execute(screen));
            await quiet(() => dialogs().length || (
                current() && current().screen));
            const tab = current();
            if (!tab) {
                return;
            }
            note(tab.el[0]);
            for (let i = 1; i < screen.views; i++) {
                const shown = tab.screen;
                if (!shown.current_record) {
                    if (shown.group.length) {
                        shown.current_record = shown.group[0];
                    } else if (screen.record !== null) {
                        await shown.load([screen.record]);
                        shown.current_record = shown.group[0];
                    }
                }
                await shown.switch_view();
                await quiet();
                note(tab.el[0]);
            }
            if (tab.screen.views.length != screen.views) {
                wrong.push(`${tab.screen.views.length} views only`);
            }
        },

        views: async function(screen, note) {
            const shown = new Sao.Screen(screen.model, {
                view_ids: [screen.view], mode: [screen.type],
            });
            const place = jQuery('<div/>', {'class': 'everything'})
                .appendTo('#tabs');
            await shown.switch_view();
            place.append(shown.screen_container.el);
            if (screen.record !== null) {
                await shown.load([screen.record]);
                shown.current_record = shown.group[0];
                await shown.display();
            } else {
                await shown.new_();
            }
            await quiet();
            note(place[0]);
        },

        wizards: async function(screen, note) {
            refused(execute(screen));
            const form = () => jQuery('.wizard-form:visible')[0];
            await quiet(() => dialogs().length || form() || current());
            const dialog = dialogs().pop() || form();
            if (dialog) {
                note(dialog);
            }
            if (current()) {
                note(current().el[0]);
            }
        },

        reports: async function(screen, note) {
            let file = null;
            Sao.common.download_file = (data, name) => file = {data, name};
            refused(execute(screen));
            await quiet(() => file || dialogs().length);
            if (!file) {
                return null;
            }
            let text = '';
            for (const byte of new Uint8Array(
                    await new Blob([file.data]).arrayBuffer())) {
                text += String.fromCharCode(byte);
            }
            return {name: file.name, content: btoa(text)};
        },
    };

    async function open(kind, screen) {
        const start = Date.now();
        wrong = [];
        const found = new Set();
        const note = root => texts(root).forEach(found.add, found);
        const wizard = kind == 'wizards';
        let file, done = false;
        try {
            file = await Promise.race([
                openers[kind](screen, note),
                wait(LIMIT).then(() => {
                    if (!done) {
                        wrong.push("too long");
                    }
                }),
            ]);
        } catch (error) {
            wrong.push(error ? (error.stack || String(error)) : "refused");
        }
        done = true;
        const error = jQuery('.modal.in:visible').filter(
            (_, dialog) => !wizard || !jQuery(dialog).is('.wizard-dialog'));
        if (error.length) {
            wrong.push(told());
        }
        const result = {
            kind, name: screen.name, wrong, file: file || null,
            texts: [...found], time: Date.now() - start};
        await Promise.race([leave(), wait(LIMIT)]);
        return result;
    }

    window.everything = {
        results: [],
        // Without end, so that nobody waits for it
        start: async function(screens) {
            this.results = [];
            for (const [kind, screen] of screens) {
                this.results.push(await open(kind, screen));
            }
        },
    };
}());
