import unittest

from handler import handle


class HandlerTest(unittest.TestCase):
    def test_answers_with_the_request_body(self):
        self.assertEqual(handle("hello"), "hello")

    def test_accepts_an_empty_body(self):
        self.assertEqual(handle(""), "")


if __name__ == "__main__":
    unittest.main()
