"""Lays out the shop's database anew: 45 people, their orders, an empty table, a view, an index, a trigger."""

import pathlib
import sqlite3

TOWNS = ["Athens", "Bergen", "Cádiz", "Dakar", "Évora"]

path = pathlib.Path("data/shop.db")
path.parent.mkdir(exist_ok=True)
path.unlink(missing_ok=True)
shop = sqlite3.connect(path)
shop.executescript("""
    CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, town TEXT, born DATE, note TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id), total REAL, paid BOOL DEFAULT 0);
    CREATE TABLE empty (id INTEGER PRIMARY KEY, word TEXT);
    CREATE TABLE log (line TEXT);
    CREATE INDEX people_town ON people (town);
    CREATE VIEW athenians AS SELECT id, name FROM people WHERE town = 'Athens';
    CREATE TRIGGER orders_log AFTER DELETE ON orders BEGIN INSERT INTO log VALUES ('gone ' || old.id); END;
""")
people = [(n, f"Person {n:02}", TOWNS[n % 5], f"19{50 + n}-03-{1 + n % 28:02}", None) for n in range(1, 46)]
note = "A note that is longer than fifty characters, so that its end is folded away at first."
people[0] = (1, "Ada <b>Bold</b>", "Athens", "1950-01-02", note)
people[1] = (2, "Zoë 日本", "Bergen", "1951-02-03", "")
shop.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", people)
shop.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", [(n, n, n * 9.5, n % 2) for n in range(1, 8)])
shop.commit()
