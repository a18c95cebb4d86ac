# SPDX-License-Identifier: Apache-2.0
"""A page with a random quote. ?author=austen takes one of that author's."""
import json
import os
import random
from html import escape
from urllib.parse import parse_qs

QUOTES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "quotes.json")

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ max-width: 36em; margin: 15vh auto; padding: 0 1em; font: 1.2em/1.5 Georgia, serif; }}
blockquote {{ margin: 0; font-size: 1.4em; }}
p {{ color: #555; }}
</style>
</head>
<body>
{body}
</body>
</html>"""


def load_quotes():
    with open(QUOTES, encoding="utf-8") as file:
        return json.load(file)


def quote_page(quote):
    body = (
        f"<blockquote>{escape(quote['text'])}</blockquote>\n"
        f"<p>{escape(quote['author'])}, <cite>{escape(quote['work'])}</cite></p>"
    )
    return PAGE.format(title=escape(quote["author"]), body=body)


def unknown_page(author, quotes):
    names = ", ".join(sorted({quote["author"] for quote in quotes}))
    body = f"<h1>No quote by “{escape(author)}”</h1>\n<p>There are quotes by {escape(names)}.</p>"
    return PAGE.format(title="Unknown author", body=body)


def handle(req: bytes) -> str:
    quotes = load_quotes()
    author = parse_qs(os.environ.get("Http_Query", "")).get("author", [""])[0].strip()
    chosen = [quote for quote in quotes if author.casefold() in quote["author"].casefold()]
    if not chosen:
        return unknown_page(author, quotes)
    return quote_page(random.choice(chosen))
