import sys
import unittest


class HouseTest(unittest.TestCase):
    def test_python_is_new_enough(self):
        self.assertGreaterEqual(sys.version_info, (3, 11))
