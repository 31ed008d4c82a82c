#!/usr/bin/python3
"""examples/clients/sqlalchemy_shop.py: a shop on SQLAlchemy's ORM, 1.4 or later. Nothing in it knows of Plait.

  sqlalchemy_shop.py schema postgresql://…    creates the tables
  sqlalchemy_shop.py run postgresql://…       works on them; prints what it saw, a line of JSON a step
"""
import enum
import json
import sys
import uuid
from decimal import Decimal

from sqlalchemy import (CheckConstraint, Column, Enum, FetchedValue, ForeignKey, Integer, Numeric, String, UniqueConstraint,
                        create_engine, delete, func, insert, select, text, update)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, declarative_base, relationship
from sqlalchemy.orm.exc import StaleDataError

Base = declarative_base()


class Tier(enum.Enum):
    free = "free"
    gold = "gold"


class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)  # serial: the database gives it
    email = Column(String(200), nullable=False, unique=True)
    tier = Column(Enum(Tier), nullable=False, server_default="free")
    settings = Column(JSONB)
    version = Column(Integer, nullable=False)
    orders = relationship("Order", back_populates="customer", cascade="all, delete-orphan", passive_deletes=True)
    __mapper_args__ = {"version_id_col": version}


class Order(Base):
    __tablename__ = "order"
    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid.uuid4)  # the client gives it
    customer_id = Column(ForeignKey(Customer.id, ondelete="CASCADE"), nullable=False)
    total = Column(Numeric(12, 2), nullable=False, server_default="0")
    note = Column(String)
    xmin = Column(String, system=True, server_default=FetchedValue())
    customer = relationship(Customer, back_populates="orders")
    lines = relationship("Line", back_populates="order", order_by="Line.product", cascade="all, delete-orphan",
                         passive_deletes=True)
    # The other way to lock optimistically: by Postgres' own column, which every writer changes.
    __mapper_args__ = {"version_id_col": xmin, "version_id_generator": False}


class Line(Base):
    __tablename__ = "line"
    id = Column(Integer, primary_key=True)
    order_id = Column(ForeignKey(Order.id, ondelete="CASCADE"), nullable=False)
    product = Column(String, nullable=False)
    quantity = Column(Integer, CheckConstraint("quantity > 0", name="line_quantity_check"), nullable=False)
    price = Column(Numeric(12, 2), nullable=False)
    order = relationship(Order, back_populates="lines")
    __table_args__ = (UniqueConstraint("order_id", "product"),)


def tell(step, **seen):
    print(json.dumps({"step": step, **seen}, default=str), flush=True)


def caught(error):
    """What an application sees of an error of the database."""
    diagnostics = error.orig.diag
    return [type(error).__name__, type(error.orig).__name__, error.orig.pgcode, diagnostics.message_primary,
            diagnostics.constraint_name]


def counts(session):
    return {table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (Customer, Order, Line)}


def create(session):
    ada = Customer(email="ada@example.org", settings={"theme": "dark", "limits": [1, 2.5, None]})
    ada.orders = [Order(note="first", lines=[Line(product="ink", quantity=2, price=Decimal("4.50")),
                                             Line(product="paper", quantity=1, price=Decimal("12.00"))]),
                  Order(note="second", lines=[Line(product="pen", quantity=3, price=Decimal("1.10"))])]
    session.add(ada)
    session.add(Customer(email="bob@example.org", tier=Tier.gold))
    session.commit()
    tell("create", tiers=[tier.name for tier in session.scalars(select(Customer.tier).order_by(Customer.email))],
         settings=ada.settings, lines=[line.product for line in ada.orders[0].lines], **counts(session))


def insert_many(session):
    session.bulk_save_objects([Customer(email=f"c{n}@example.org", settings={"n": n}) for n in range(300)])
    session.execute(insert(Customer), [{"email": f"d{n}@example.org", "version": 1} for n in range(300)])
    added = [Customer(email=f"e{n}@example.org", tier=Tier.gold) for n in range(300)]
    session.add_all(added)
    session.flush()
    in_order = all(a.id < b.id for a, b in zip(added, added[1:]))
    session.commit()
    tell("insert_many", in_order=in_order, gold=session.scalar(
        select(func.count()).select_from(Customer).where(Customer.tier == Tier.gold)), **counts(session))


def change(session):
    ada = session.scalars(select(Customer).filter_by(email="ada@example.org").with_for_update()).one()
    ada.tier = Tier.gold
    ada.settings = {**ada.settings, "theme": "light"}
    for order in ada.orders:
        order.total = sum(line.quantity * line.price for line in order.lines)
    ada.orders[0].lines[0].quantity += 1
    session.commit()
    tell("change", tier=ada.tier.name, version=ada.version, settings=ada.settings,
         totals=sorted(order.total for order in ada.orders))


def change_many(session):
    done = session.execute(update(Customer).where(Customer.email.like("c%")).values(
        tier=Tier.gold, version=Customer.version + 1).execution_options(synchronize_session=False))
    some = session.execute(select(Customer.id, Customer.version).where(Customer.email.like("d1%"))).all()
    session.bulk_update_mappings(Customer, [
        {"id": id, "version": version, "settings": {"of": "bulk"}} for id, version in some])
    session.execute(update(Line).where(Line.order_id == Order.id, Order.note == "first").values(
        price=Line.price * 2).execution_options(synchronize_session=False))
    session.commit()
    tell("change_many", rows=done.rowcount, bulk=session.scalar(select(func.count()).select_from(Customer).where(
        Customer.settings["of"].astext == "bulk")), prices=session.scalars(
            select(Line.price).order_by(Line.product)).all())


def nothing_changes(session):
    """An UPDATE that sets what is there already finds its row all the same."""
    done = session.execute(update(Line).values(price=Line.price).execution_options(synchronize_session=False))
    session.commit()
    tell("nothing_changes", rows=done.rowcount)


def lose_a_race(session, other):
    for query, column in ((select(Customer).filter_by(email="bob@example.org"), "settings"),
                          (select(Order).filter_by(total=Decimal("3.30")), "note")):
        mine, theirs = session.scalars(query).one(), other.scalars(query).one()
        setattr(theirs, column, "of them")
        other.commit()
        setattr(mine, column, "of me")
        try:
            session.commit()
            tell("lose_a_race", caught=None)
        except StaleDataError as error:
            session.rollback()
            tell("lose_a_race", caught=str(error), kept=getattr(mine, column))


def wait_for_nobody(session, other):
    """Row locks: nowait and a queue with skip_locked."""
    first = session.scalars(select(Line).order_by(Line.id).limit(1).with_for_update()).one()
    first.quantity += 1
    session.flush()
    try:
        other.scalars(select(Line).order_by(Line.id).limit(1).with_for_update(nowait=True)).one()
        tell("nowait", caught=None)
    except DBAPIError as error:
        other.rollback()
        tell("nowait", caught=caught(error))
    free = other.scalars(select(Line.product).order_by(Line.id).with_for_update(skip_locked=True)).all()
    other.rollback()
    session.commit()
    tell("skip_locked", free=free)


def serialize(engine):
    """Two that read what the other writes: one has to try again."""
    def transaction():
        session = Session(engine.execution_options(isolation_level="SERIALIZABLE"))
        return session, session.scalar(select(func.sum(Line.quantity)))
    (one, total), (two, _) = transaction(), transaction()
    one.execute(update(Line).where(Line.product == "ink").values(quantity=total))
    one.commit()
    try:
        two.execute(update(Line).where(Line.product == "pen").values(quantity=total))
        two.commit()
        tell("serialize", caught=None)
    except DBAPIError as error:
        two.rollback()
        tell("serialize", caught=caught(error), total=total)
    one.close()
    two.close()


def violate(session):
    """Each inside a savepoint; the transaction goes on and is committed."""
    order = session.scalars(select(Order).filter_by(note="first")).one()
    wrong = {
        "unique": lambda: session.add(Customer(email="ada@example.org")),
        "unique_of_two": lambda: session.add(Line(order_id=order.id, product="ink", quantity=1, price=1)),
        "foreign_key": lambda: session.add(Order(customer_id=-1)),
        "check": lambda: session.add(Line(order_id=order.id, product="air", quantity=0, price=1)),
        "not_null": lambda: session.add(Line(order_id=order.id, quantity=1, price=1)),
        "too_long": lambda: session.add(Customer(email="x" * 201)),
        "overflow": lambda: session.execute(update(Line).values(price=Line.price * 10 ** 11)),
        "enum": lambda: session.execute(text("UPDATE customer SET tier = 'lead'")),
    }
    seen = {}
    for name, act in wrong.items():
        try:
            with session.begin_nested():
                session.add(Customer(email=f"{name}@example.org"))
                act()
                session.flush()
            seen[name] = None
        except DBAPIError as error:
            seen[name] = caught(error)
    order.note = "went on"
    session.commit()
    tell("violate", **seen, note=order.note, kept=counts(session))


def roll_back(session):
    bob = session.scalars(select(Customer).filter_by(email="bob@example.org")).one()
    bob.tier = Tier.free
    session.execute(delete(Customer).where(Customer.email.like("d%")).execution_options(synchronize_session=False))
    session.flush()
    within = counts(session)
    session.rollback()
    with session.begin_nested() as savepoint:
        bob.orders.append(Order(note="never"))
        session.flush()
        savepoint.rollback()
    bob.settings = {"after": "rollback"}
    session.commit()
    tell("roll_back", within=within, after=counts(session), tier=bob.tier.name, settings=bob.settings)


def insert_or_update(session):
    rows = [{"email": email, "version": 1, "settings": {"by": "upsert"}}
            for email in ("ada@example.org", "new@example.org")]
    statement = upsert(Customer).values(rows)
    found = session.execute(statement.on_conflict_do_update(
        index_elements=["email"], set_={"settings": statement.excluded.settings, "version": Customer.version + 1}
    ).returning(Customer.email, Customer.version)).all()
    nothing = session.execute(upsert(Customer).values(rows).on_conflict_do_nothing())
    session.commit()
    tell("insert_or_update", found=sorted(map(list, found)), nothing=nothing.rowcount)


def change_keys(session):
    """A primary key is a column like any other."""
    line = session.scalars(select(Line).filter_by(product="pen")).one()
    line.id += 1_000_000
    session.commit()
    tell("change_keys", big=session.scalar(select(func.count()).select_from(Line).where(Line.id > 1_000_000)))


def remove(session):
    """One by the ORM, whose foreign keys cascade in the database; many by one statement."""
    session.delete(session.scalars(select(Customer).filter_by(email="ada@example.org")).one())
    session.commit()
    by_one = counts(session)
    done = session.execute(delete(Customer).where(Customer.email.like("c%")).execution_options(
        synchronize_session=False))
    session.commit()
    tell("remove", by_one=by_one, rows=done.rowcount, **counts(session))


def create_again(session):
    session.add(Customer(email="ada@example.org", orders=[Order(note="again")]))
    session.commit()
    tell("create_again", **counts(session))


def main(command, url):
    engine = create_engine(url)
    if command == "schema":
        return Base.metadata.create_all(engine)
    with Session(engine) as session, Session(engine) as other:
        for step in (create, insert_many, change, change_many, nothing_changes):
            step(session)
        lose_a_race(session, other)
        wait_for_nobody(session, other)
        serialize(engine)
        for step in (violate, roll_back, insert_or_update, change_keys, remove, create_again):
            step(session)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("schema", "run"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
