import unittest

from shop.price import total


class PriceTest(unittest.TestCase):
    def test_total_of_nothing_is_zero(self):
        self.assertEqual(total([]), 0)

    def test_total_adds_prices(self):
        self.assertEqual(total([2, 3]), 5)
