# bench/tracking/writer.py: updates single rows at random until its input ends; then prints when each transaction began and ended.
import json
import random
import select
import sys
import time

import psycopg2


def write(dsn, rows):
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor, took = connection.cursor(), []
    while not select.select([sys.stdin], [], [], 0)[0]:
        row, begin = random.randint(1, rows), time.monotonic()
        cursor.execute("UPDATE album SET stars = stars + 1 WHERE id = %s", (row,))
        took.append((begin, time.monotonic()))
    json.dump(took, sys.stdout)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]))
