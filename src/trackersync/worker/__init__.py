"""Work without end: what a service does with deliveries, on its timers, alone or with others.

``Worker`` is what there is to do: sort deliveries, take looks that are due, run what is scheduled. An engine drives it:
``embedded`` in this process, on SQLite or PostgreSQL; ``distributed`` on many machines, by Procrastinate. Both are told
through the store's ``Dispatch`` what there is to do, in the transaction that says so; and what they lose is found again
in the store, since a look stays due until it was taken.
"""
