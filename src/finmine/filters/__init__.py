"""Filters: conditions on cases and events that chain, say themselves in words, and are read back from them."""

from finmine.filters.activities import activity_is as activity_is
from finmine.filters.activities import directly_followed_by as directly_followed_by
from finmine.filters.activities import ends_with as ends_with
from finmine.filters.activities import followed_by as followed_by
from finmine.filters.activities import has as has
from finmine.filters.activities import has_no as has_no
from finmine.filters.activities import starts_with as starts_with
from finmine.filters.attributes import attribute_is as attribute_is
from finmine.filters.attributes import attribute_recorded as attribute_recorded
from finmine.filters.attributes import involves as involves
from finmine.filters.attributes import number_is as number_is
from finmine.filters.condition import Condition as Condition
from finmine.filters.money import amount_is as amount_is
from finmine.filters.money import amount_recorded as amount_recorded
from finmine.filters.parser import parse_filter as parse_filter
from finmine.filters.times import active as active
from finmine.filters.times import during as during
from finmine.filters.times import ended as ended
from finmine.filters.times import length_is as length_is
from finmine.filters.times import started as started
from finmine.filters.times import throughput_is as throughput_is
from finmine.filters.times import within as within
from finmine.filters.variants import variants_covering as variants_covering
from finmine.filters.variants import variants_ranked as variants_ranked
