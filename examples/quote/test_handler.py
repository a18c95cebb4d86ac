# SPDX-License-Identifier: Apache-2.0
import html
import os
import re
import unittest
from unittest import mock

import handler


def page(query=""):
    with mock.patch.dict(os.environ, {"Http_Query": query}):
        return handler.handle(b"")


class QuotePage(unittest.TestCase):
    def test_shows_a_quote_of_the_file(self):
        texts = {quote["text"] for quote in handler.load_quotes()}
        shown = html.unescape(re.search(r"<blockquote>(.*)</blockquote>", page()).group(1))
        self.assertIn(shown, texts)

    def test_does_not_always_show_the_same(self):
        self.assertGreater(len({page() for _ in range(50)}), 1)

    def test_takes_the_author_that_is_asked_for_in_any_case(self):
        for _ in range(20):
            self.assertIn("<p>Jane Austen, <cite>", page("author=jane+AUSTEN"))

    def test_an_empty_author_is_any_author(self):
        self.assertIn("<blockquote>", page("author="))

    def test_names_the_authors_when_the_one_asked_for_is_unknown(self):
        unknown = page("author=Nobody")
        self.assertIn("No quote by “Nobody”", unknown)
        self.assertIn("Ada Lovelace", unknown)
        self.assertNotIn("<blockquote>", unknown)

    def test_escapes_what_the_caller_sent(self):
        unknown = page("author=%3Cscript%3Ealert(1)%3C/script%3E")
        self.assertNotIn("<script>", unknown)
        self.assertIn("&lt;script&gt;", unknown)

    def test_escapes_a_quote(self):
        shown = handler.quote_page({"author": "A & B", "work": "<W>", "text": '"x" < y'})
        self.assertIn("<blockquote>&quot;x&quot; &lt; y</blockquote>", shown)
        self.assertIn("A &amp; B, <cite>&lt;W&gt;</cite>", shown)


class QuoteFile(unittest.TestCase):
    def test_has_sixty_different_complete_quotes(self):
        quotes = handler.load_quotes()
        self.assertGreaterEqual(len({quote["text"] for quote in quotes}), 60)
        self.assertEqual(len({quote["text"] for quote in quotes}), len(quotes))
        for quote in quotes:
            self.assertEqual(sorted(quote), ["author", "text", "work"])
            self.assertTrue(all(value.strip() for value in quote.values()), quote)


if __name__ == "__main__":
    unittest.main()
