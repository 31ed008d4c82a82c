#!/usr/bin/python3
"""examples/clients/django_shop.py: a shop on Django's ORM, 3.2 or later. Nothing in it knows of Plait.

  django_shop.py schema postgresql://…    creates the tables
  django_shop.py run postgresql://…       works on them; prints what it saw, a line of JSON a step

Django keeps deletes that cascade to itself and makes its foreign keys DEFERRABLE INITIALLY DEFERRED.
"""
import json
import sys
import uuid
from decimal import Decimal

import django
from django.apps import AppConfig
from django.conf import settings
from django.db import connection, connections, models, transaction
from django.db.models import Count, F, Q, Sum
from psycopg2.extensions import parse_dsn

if len(sys.argv) != 3 or sys.argv[1] not in ("schema", "run"):
    sys.exit(__doc__)
place = parse_dsn(sys.argv[2])
DATABASE = {"ENGINE": "django.db.backends.postgresql", "NAME": place["dbname"], "USER": place.get("user", ""),
            "PASSWORD": place.get("password", ""), "HOST": place.get("host", ""), "PORT": place.get("port", "")}


class Shop(AppConfig):
    name = "__main__"
    label = "shop"


settings.configure(DATABASES={"default": DATABASE, "other": dict(DATABASE)}, INSTALLED_APPS=["__main__.Shop"],
                   USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()


class Customer(models.Model):
    class Tier(models.TextChoices):
        FREE = "free"
        GOLD = "gold"

    email = models.EmailField(unique=True)
    tier = models.CharField(max_length=8, choices=Tier.choices, default=Tier.FREE)
    settings = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    joined = models.DateTimeField(auto_now_add=True)


class Order(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    note = models.TextField(blank=True)
    changed = models.DateTimeField(auto_now=True)


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.CharField(max_length=40)
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "product"], name="line_product_once"),
                       models.CheckConstraint(check=Q(quantity__gt=0), name="line_quantity")]


class Tag(models.Model):
    name = models.CharField(max_length=40, primary_key=True)
    orders = models.ManyToManyField(Order, related_name="tags")


def tell(step, **seen):
    print(json.dumps({"step": step, **seen}, default=str), flush=True)


def caught(error):
    """What an application sees of an error of the database."""
    cause = error.__cause__
    return [type(error).__name__, type(cause).__name__, cause.pgcode, cause.diag.message_primary,
            cause.diag.constraint_name]


def counts():
    return {model.__name__: model.objects.count() for model in (Customer, Order, Line, Tag, Order.tags.through)}


def create():
    ada = Customer.objects.create(email="ada@example.org", settings={"theme": "dark", "limits": [1, 2.5, None]})
    for note, products in (("first", ("ink", "paper")), ("second", ("pen",))):
        order = Order(customer=ada, note=note)
        order.save()
        for n, product in enumerate(products, 1):
            order.lines.create(product=product, quantity=n, price=Decimal("4.50") * n)
    bob, made = Customer.objects.get_or_create(email="bob@example.org", defaults={"tier": Customer.Tier.GOLD})
    again, made_again = Customer.objects.get_or_create(email="bob@example.org")
    tell("create", made=made, again=made_again, same=bob.pk == again.pk, **counts())


def insert_many():
    made = Customer.objects.bulk_create([Customer(email=f"c{n}@example.org", settings={"n": n}) for n in range(600)],
                                        batch_size=250)
    Customer.objects.bulk_create([Customer(email="ada@example.org"), Customer(email="d0@example.org")],
                                 ignore_conflicts=True)
    tell("insert_many", in_order=all(a.pk < b.pk for a, b in zip(made, made[1:])), **counts())


def tag():
    """Many to many: rows of a table that has no model of its own."""
    tags = [Tag.objects.create(name=name) for name in ("gift", "late", "ünïcode")]
    first = Order.objects.get(note="first")
    first.tags.add(*tags)
    first.tags.remove(tags[1])
    first.tags.set([tags[1], tags[2]])
    tags[0].orders.set(Order.objects.all())
    first.tags.clear()
    first.tags.add("gift")
    tell("tag", first=list(first.tags.values_list("name", flat=True)), **counts())


def change():
    with transaction.atomic():
        ada = Customer.objects.select_for_update().get(email="ada@example.org")
        ada.settings["theme"] = "light"
        ada.tier = Customer.Tier.GOLD
        ada.save()
        for order in ada.orders.annotate(sum=Sum(F("lines__price") * F("lines__quantity"))):
            order.total = order.sum
            order.save(update_fields=["total"])
    tell("change", settings=Customer.objects.get(pk=ada.pk).settings,
         totals=list(Order.objects.order_by("total").values_list("total", flat=True)))


def change_many():
    rows = Customer.objects.filter(email__startswith="c1").update(tier=Customer.Tier.GOLD, version=F("version") + 1)
    some = list(Customer.objects.filter(email__startswith="c2"))
    for customer in some:
        customer.settings = {"of": "bulk"}
    Customer.objects.bulk_update(some, ["settings"], batch_size=40)
    Line.objects.filter(order__note="first").update(price=F("price") * 2)
    tell("change_many", rows=rows, bulk=Customer.objects.filter(settings__of="bulk").count(),
         tiers=list(Customer.objects.order_by("tier").values_list("tier").annotate(Count("pk"))),
         prices=list(Line.objects.order_by("product").values_list("price", flat=True)))


def lose_a_race():
    """Optimistic locking as it is done in Django: an UPDATE that names the version it has read."""
    def save(customer, using):
        return Customer.objects.using(using).filter(pk=customer.pk, version=customer.version).update(
            settings={"by": using}, version=customer.version + 1)
    mine = Customer.objects.get(email="bob@example.org")
    theirs = Customer.objects.using("other").get(email="bob@example.org")
    tell("lose_a_race", theirs=save(theirs, "other"), mine=save(mine, "default"),
         settings=Customer.objects.get(pk=mine.pk).settings)


def wait_for_nobody():
    """Row locks: nowait, and a queue with skip_locked."""
    with transaction.atomic():
        first = Line.objects.select_for_update().order_by("pk").first()
        first.quantity += 1
        first.save()
        try:
            with transaction.atomic(using="other"):
                Line.objects.using("other").select_for_update(nowait=True).get(pk=first.pk)
            tell("nowait", caught=None)
        except django.db.OperationalError as error:
            tell("nowait", caught=caught(error))
        with transaction.atomic(using="other"):
            free = Line.objects.using("other").select_for_update(skip_locked=True).order_by("pk")
            tell("skip_locked", free=[line.product for line in free])


@transaction.atomic
def violate():
    """Each inside a savepoint; the transaction goes on and is committed."""
    order = Order.objects.get(note="first")
    wrong = {
        "unique": lambda: Customer.objects.create(email="ada@example.org"),
        "unique_of_two": lambda: order.lines.create(product="ink", quantity=1, price=1),
        "check": lambda: order.lines.create(product="air", quantity=0, price=1),
        "not_null": lambda: order.lines.create(product="air", quantity=1, price=None),
        "too_long": lambda: order.lines.create(product="x" * 41, quantity=1, price=1),
        "overflow": lambda: Line.objects.update(price=F("price") * 10 ** 11),
    }
    seen = {}
    for name, act in wrong.items():
        try:
            with transaction.atomic():
                Customer.objects.create(email=f"{name}@example.org")
                act()
            seen[name] = None
        except django.db.Error as error:
            seen[name] = caught(error)
    order.note = "went on"
    order.save()
    tell("violate", **seen, kept=counts())


def violate_at_the_end():
    """A deferred foreign key: COMMIT is refused, or SET CONSTRAINTS inside the transaction."""
    seen = []
    for check in (lambda: None, lambda: connection.check_constraints()):
        try:
            with transaction.atomic():
                Order.objects.create(customer_id=-1, note="of nobody")
                check()
            seen.append(None)
        except django.db.IntegrityError as error:
            seen.append(caught(error))
    with transaction.atomic():  # out of order, and mended before the end
        order = Order.objects.create(customer_id=1_000_000, note="early")
        Customer.objects.create(id=1_000_000, email="late@example.org")
    tell("violate_at_the_end", seen=seen, email=Order.objects.get(pk=order.pk).customer.email)


def roll_back():
    class Stop(Exception):
        pass
    try:
        with transaction.atomic():
            Customer.objects.filter(email__startswith="c").delete()
            Tag.objects.all().delete()
            within = counts()
            raise Stop
    except Stop:
        pass
    with transaction.atomic():
        savepoint = transaction.savepoint()
        Order.objects.update(note="never")
        transaction.savepoint_rollback(savepoint)
        Customer.objects.filter(email="bob@example.org").update(settings={"after": "rollback"})
    tell("roll_back", within=within, after=counts(), never=Order.objects.filter(note="never").count())


def insert_or_update():
    told = [Customer.objects.update_or_create(email=email, defaults={"settings": {"by": "upsert"}})[1]
            for email in ("ada@example.org", "new@example.org")]
    tell("insert_or_update", created=told, **counts())


def remove():
    """Django reads what hangs on the customer and deletes it itself, children first."""
    _, one = Customer.objects.get(email="ada@example.org").delete()
    rows, many = Customer.objects.filter(email__startswith="c").delete()
    Tag.objects.all().delete()
    tell("remove", one=one, rows=rows, many=many, **counts())


def create_again():
    ada = Customer.objects.create(email="ada@example.org")
    Tag(name="gift").save(force_insert=True)
    Order.objects.create(customer=ada, note="again").tags.add("gift")
    tell("create_again", **counts())


def make_schema():
    with connection.schema_editor() as editor:
        for model in (Customer, Order, Line, Tag):
            editor.create_model(model)


def run():
    for step in (create, insert_many, tag, change, change_many, lose_a_race, wait_for_nobody, violate,
                 violate_at_the_end, roll_back, insert_or_update, remove, create_again):
        step()
    connections.close_all()


if __name__ == "__main__":
    {"schema": make_schema, "run": run}[sys.argv[1]]()
