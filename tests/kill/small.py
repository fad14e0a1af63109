"""A small shop: what is left of the sample shop for a round, and its configuration."""

from __future__ import annotations

import random
from pathlib import Path

from product import Shop
from trackersync.sandbox import Sandbox
from trackersync.sandbox.jira.workflow import any_to_any
from trackersync.sandbox.shop_table import rows

from .people import STRANGER


def small(sandbox: Sandbox, dice: random.Random) -> list[tuple[int, int]]:
    """Leave ten of the shop's pairs and three single issues; answers the numbers of the pairs, GitHub's first."""
    every = rows()
    pairs = dice.sample([row for row in every if row.github and row.jira], 10)
    single = dice.sample([row for row in every if not (row.github and row.jira)], 3)
    github, jira = sandbox.github, sandbox.jira
    github.fill([github.issue(row.github) for row in (*pairs, *single) if row.github])
    jira.fill([jira.issue(f"SHOP-{row.jira}") for row in (*pairs, *single) if row.jira])
    if dice.random() < 0.5:
        jira.workflows["SHOP"] = any_to_any(jira.workflows["SHOP"].statuses)
    used = {label for issue in github.issues.values() for label in issue.labels}
    for name in [name for name in github.labels.values() if name not in used and dice.random() < 0.4]:
        del github.labels[name.casefold()]
    return [(row.github, row.jira) for row in pairs if row.github and row.jira]


def configured(sandbox: Sandbox, folder: Path, dice: random.Random) -> Shop:
    """Write a configuration of the small shop; its policies and limits are drawn."""
    shop = Shop(sandbox, folder)
    shop.settings["people"] = [person for person in shop.settings["people"] if person["name"] != STRANGER]
    shop.settings["limits"]["share"] = dice.choice(("100%", "100%", "100%", "20%"))
    shop.settings["sync"]["stage"]["authority"] = dice.choice(("changed", "changed", "changed", "jira"))
    shop.configure()
    return shop
