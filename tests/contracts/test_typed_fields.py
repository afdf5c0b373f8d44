"""Fields of forms show what is kept as people write it, and read it back."""

from datetime import date

from contracts.forms.fields import JapaneseDateField, YenField


def test_a_day_and_an_amount_stand_in_the_form_as_on_the_page_and_are_read_back():
    day, yen = JapaneseDateField(), YenField()

    assert (day.prepare_value(date(2026, 12, 5)), yen.prepare_value(98_765_432_100)) == (
        "令和8年12月5日",
        "98,765,432,100",
    )
    assert (day.clean("令和8年12月5日"), yen.clean("98,765,432,100")) == (date(2026, 12, 5), 98_765_432_100)


def test_what_was_typed_stands_as_it_was_typed():
    assert (JapaneseDateField().prepare_value("R8.12.5"), YenField().prepare_value("１万円")) == ("R8.12.5", "１万円")
