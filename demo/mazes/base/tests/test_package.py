"""The package is there."""

import unittest

import mazes


class PackageTest(unittest.TestCase):
    def test_package_says_what_it_is(self):
        self.assertIn("Mazes", mazes.__doc__)


if __name__ == "__main__":
    unittest.main()
