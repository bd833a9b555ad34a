"""The window is handed no more of a document than it can lay out at once, and says what was left out."""

import re

from assessor_desk.artifacts.reading.bounds import (
    CELLS_A_PART,
    DEEPEST_TABLES,
    LONGEST_LINE,
    LONGEST_PARAGRAPH,
    MOST_COLUMNS,
    bounded,
    lines_kept_short,
)


def test_an_ordinary_document_stays_as_it_is() -> None:
    table = '<table><tr><td colspan="2">x</td></tr></table>'
    markup = f'<h1>Plan</h1><p>A &amp; B<br>c <img src="data:image/png;base64,AA=="></p>{table}'
    assert bounded(markup) == ([markup], [])


def test_tables_within_tables_become_words() -> None:
    (markup,), left_out = bounded("<table><tr><td>" * 20 + "deep" + "</td></tr></table>" * 20)
    assert markup.count("<table>") == markup.count("</table>") == DEEPEST_TABLES
    assert "deep" in markup
    assert left_out == ["Tables within tables within tables are shown as words."]


def test_columns_beyond_those_that_can_be_laid_out_are_left_out_with_their_words() -> None:
    (markup,), left_out = bounded(
        "<table><tr>" + "<td>a<i>b</i></td>" * (MOST_COLUMNS + 9) + "</tr></table><p>after</p>"
    )
    assert markup.count("<td>") == markup.count("a<i>b</i>") == MOST_COLUMNS
    assert markup.endswith("</tr></table><p>after</p>")
    assert left_out == [f"Of tables the first {MOST_COLUMNS} columns are shown."]


def test_absurd_nesting_sizes_and_words_are_tamed() -> None:
    assert bounded("<div>" * 9_000 + "x")[0][0].count("<div>") < 100
    assert 'colspan="300"' in bounded('<td colspan="2000000000">x</td>')[0][0]
    assert max(map(len, bounded(f"<p>{'a' * 5_000}</p>")[0][0].split())) < 250
    assert bounded("<p><img alt='x'></p>")[0] == ["<p></p>"]


def test_what_is_closed_but_never_opened_is_dropped_and_what_stays_open_is_closed() -> None:
    assert bounded("</td></table><p><b>x") == (["<p><b>x</b></p>"], [])


def test_a_table_too_large_to_be_laid_out_at_once_goes_on_in_the_next_part() -> None:
    rows = "".join(f"<tr><td>{number}</td><td>x</td></tr>" for number in range(CELLS_A_PART))
    parts, left_out = bounded(f"<h1>Marks</h1><table><tbody>{rows}</tbody></table><p>after</p>")
    assert left_out == []
    assert len(parts) == 2
    assert re.findall(r"<td>(\d+)</td>", "".join(parts)) == [str(number) for number in range(CELLS_A_PART)]
    for part in parts:
        assert part.count("<table>") == part.count("</table>") == part.count("<tbody>") == 1
        assert part.count("<td>") < CELLS_A_PART * 1.2
    assert parts[-1].endswith("</table><p>after</p>")


def test_a_paragraph_without_end_goes_on_in_a_new_line_and_keeps_its_words() -> None:
    words = " ".join(f"w{number}" for number in range(5_000))
    ((markup,), _) = bounded(f"<p><b>{words}</b></p>")
    assert max(map(len, markup.split("<div></div>"))) <= LONGEST_PARAGRAPH + len("<p><b></b></p>")
    assert markup.replace("<div></div>", "") == f"<p><b>{words}</b></p>"
    many = f"<p>{words[:4_000]}</p>" * 9
    assert bounded(many) == ([many], [])


def test_a_line_without_end_is_broken_at_a_space() -> None:
    lines = lines_kept_short("word " * 20_000).split("\n")
    assert max(map(len, lines)) < LONGEST_LINE + 250
    assert lines_kept_short("short line\nanother") == "short line\nanother"
