# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The policy of the server lets the web client work, and no script of others.

Each test of a browser fails on what is refused, as the console tells it; these
open what the others do not.
"""
import base64
import io

from PIL import Image

# A page with a line of text
PDF = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>> endobj
trailer <</Root 1 0 R>>
"""


def png():
    file = io.BytesIO()
    Image.new('RGB', (20, 20), 'red').save(file, 'png')
    return file.getvalue()


def attach(client, name, data):
    "Attach a file to the first party"
    party, = client.ask(
        'party.party', 'search', [], 0, 1, [['id', 'ASC']])
    id_, = client.ask('ir.attachment', 'create', [{
                'name': name, 'type': 'data',
                'resource': f'party.party,{party}',
                'data': {
                    '__class__': 'bytes',
                    'base64': base64.b64encode(data).decode()}}])
    return id_


def show(client, model, *ids):
    client.page.evaluate("""([model, ids]) => Sao.Tab.create({
        model: model, res_id: ids[0], domain: [['id', 'in', ids]],
        mode: ['form', 'tree']})""", [model, list(ids)])
    client.idle()


def test_files(client, site):
    "Images and documents that are attached are shown"
    with client('admin') as c:
        for name, data, shown in [
                ('logo.png', png(), 'img'),
                ('statuts.pdf', PDF, 'object, iframe, embed'),
                ('note.txt', b'Bonjour', 'object, iframe, embed')]:
            show(c, 'ir.attachment', attach(c, name, data))
            c.no_error()
            place = c.tab.locator('.form-document').locator(shown).first
            place.wait_for()
            if shown == 'img':
                assert place.evaluate('i => i.naturalWidth') == 20
            c.close_tab()


def test_download(client, site):
    "A file is offered, as an export or a report is"
    with client('comptable') as c:
        with c.page.expect_download() as download:
            c.page.evaluate(
                "() => Sao.common.download_file('a;b', 'liste.csv')")
        assert download.value.suggested_filename == 'liste.csv'
        assert open(download.value.path()).read() == 'a;b'


def test_names(client, site):
    "The name of the site in the corner does nothing"
    with client('comptable') as c:
        c.page.locator('.navbar-brand[data-toggle=menu]').click()
        c.idle()


def test_no_script_of_others(client, site):
    "What is put in a page as a script does not run"
    with client('comptable') as c:
        page = c.page
        page.evaluate("""() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            const image = document.createElement('img');
            image.setAttribute('onerror', 'window.ran = true');
            image.src = 'data:,';
            document.body.append(image);
            const link = document.createElement('a');
            link.href = 'javascript:window.ran = true';
            document.body.append(link);
            link.click();
        }""")
        c.idle()
        assert page.evaluate('window.ran') is None
        assert len(c.errors) >= 3
        assert all('Content Security Policy' in e for e in c.errors)
        c.errors.clear()


def test_not_framed(site, chromium):
    "No page of another site shows the client in it"
    page = chromium.new_page()
    page.set_content(f'<iframe src="{site.url}"></iframe>')
    page.wait_for_timeout(2000)
    assert page.frames[1].url != site.url
    page.close()
