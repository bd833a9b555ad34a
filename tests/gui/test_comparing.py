"""The words of documents are read while their submission is open, and the checks then know them."""

from tests.desk.documents import give_documents, pdf_document, word_document
from tests.gui.conftest import Open

from assessor_desk.domain.review import TextField

PLAIN = "Somebody did something nicely in a way that pleased all of those who were around"


def _is_generic(opened: Open, criterion: str) -> bool:
    case = opened.session.case
    assert case is not None
    return ("F7", criterion) in {(one.check, one.subject) for one in case.findings}


def test_a_word_that_stands_in_a_pdf_is_known_soon_after_its_submission_was_opened(
    opened: Open, own_id: str
) -> None:
    give_documents(opened.session.desk, own_id, {"task.pdf": pdf_document("A platypus swims.")})
    desk = opened.session.desk
    desk.record_completeness(own_id)
    criterion = desk.case(own_id).rubric.criteria[0]
    desk.record_score(own_id, criterion.id, criterion.levels[-1].id)
    desk.write_text(own_id, TextField.STRENGTH, f"{PLAIN}, a platypus among them.", criterion.id)
    opened.choose(own_id)
    assert _is_generic(opened, criterion.id)
    opened.qtbot.waitUntil(lambda: not _is_generic(opened, criterion.id), timeout=15_000)


def test_a_submission_that_is_closed_again_at_once_is_not_read(opened: Open, own_id: str) -> None:
    give_documents(opened.session.desk, own_id, {"task.docx": word_document("A platypus swims.")})
    opened.choose(own_id)
    opened.session.select("")
    opened.qtbot.wait(1800)
    assert opened.session.desk.read_words(own_id), "nobody read it before"
