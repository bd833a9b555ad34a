"""The one style sheet of the window: 4 pixel grid, 30 pixel controls, 2 pixel focus ring, hairlines."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from assessor_desk.places import resources

_SHEET = Template("""
QWidget { font-family: "Inter"; }
QMainWindow, QDialog, QWidget#page { background: $window; }
QToolTip { background: $surface; color: $text; border: 1px solid $hair; padding: 4px 8px; }
QLabel { background: transparent; }
QLabel#muted, QLabel#levelDescriptor, QLabel#fieldLabel, QLabel#whatCounts { color: $muted; }
QLabel#fieldLabel { font-size: ${small}px; font-weight: 600; }
QLabel#levelTitle { font-weight: 600; }
QLabel#levelDescriptor { font-size: ${less}px; }
QLabel#criterionTitle, QLabel#sectionHeading, QLabel#factTitle { font-weight: 600; }
QLabel#criterionNumber { font-weight: 600; color: $muted; }
QLabel#paneTitle { font-size: ${title}px; font-weight: 600; }
QLabel#headline { font-size: ${headline}px; font-weight: 600; }
QLabel#brand { font-weight: 600; }
QLabel#outlook { background: $soft; border-radius: 6px; padding: 8px 10px; }
QLabel#concernContact { background: $soft; border-radius: 6px; padding: 8px 10px; }
QLabel#trouble { color: $danger; background: $danger_soft; border-radius: 6px; padding: 6px 9px; }
QFrame#banner { background: $soft; border-radius: 6px; margin-top: 6px; }
QLabel#quietLine { color: $muted; }
QLabel#educatorLabel { color: $muted; }
QLabel#fixedWidth { font-family: "DejaVu Sans Mono", "Menlo", "Consolas", monospace;
  font-size: ${less}px; color: $muted; }
QLabel#standing_good { color: $positive; font-weight: 700; }
QLabel#standing_unknown { color: $caution; font-weight: 700; }
QLabel#standing_bad { color: $danger; font-weight: 700; }
QLabel#standing_stated, QLabel#standing_absent { color: $muted; font-weight: 700; }
QLabel#recoveryKey { font-family: "DejaVu Sans Mono", "Menlo", "Consolas", monospace; font-size: ${title}px;
  background: $surface; border: 1px solid $hair; border-radius: 8px; padding: 12px; }
QLabel#keyCap { color: $muted; background: $surface; border: 1px solid $hair; border-radius: 4px; padding: 1px 5px;
  font-size: ${small}px; }
QPushButton#find { text-align: left; border-color: $hair; }
QPushButton#filter { border-color: $hair; text-align: left; }
QLabel#passage { border: 2px solid transparent; border-radius: 4px; padding: 1px 0; }
QLabel#passage:focus { border-color: $accent; }
QPushButton[switch="true"]:checked { background: $soft; border-color: $accent; color: $text; font-weight: 600; }
QLabel#emptyTitle { font-size: ${title}px; font-weight: 600; }

QFrame#card { background: $surface; border: 1px solid $hair; border-radius: 8px; }
QFrame#card[current="true"] { border: 2px solid $accent; }
QFrame#card[dropping="true"] { background: $soft; border: 2px solid $accent; }
QFrame#dropArea { border: 1px dashed $border; border-radius: 8px; }
QFrame#fact { border: 0; border-top: 1px solid $hair; border-radius: 0; }
QWidget#verifyList { background: $window; border-right: 1px solid $hair; }
QWidget#verdictPage, QScrollArea#verdict { background: $surface; }
QWidget#topBar { background: $window; border-bottom: 1px solid $hair; }
QWidget#rubricHeader { background: $window; border-bottom: 1px solid $hair; }
QWidget#rubricFooter { background: $surface; border-top: 1px solid $hair; }
QWidget#rubricContent { background: $window; }
QWidget#evidencePane { background: $sunken; }
QWidget#stage { background: $surface; }
QFrame#earlierStep { background: $sunken; border-radius: 6px; }
QWidget#halfLine { background: transparent; }
QWidget#halfLine[active="true"] { background: $accent; }
QWidget#anchorList { background: $window; border-left: 1px solid $hair; }
QWidget#anchorList QTreeView { background: $window; border: 0; }
QWidget#findingBlocks, QWidget#findingWarns { background: $caution_soft; border-radius: 6px; }
QWidget#earlierNote { background: $sunken; border-radius: 6px; }
QWidget#findingKept { background: $positive_soft; border-radius: 6px; }
QWidget#findingBlocks QLabel, QWidget#findingWarns QLabel { color: $caution; font-size: ${less}px; }
QWidget#findingKept QLabel { color: $positive; font-size: ${less}px; }

QPushButton { min-height: 28px; padding: 0 12px; border-radius: 6px; border: 1px solid $border; background: $surface;
  color: $text; }
QPushButton:hover { background: $sunken; }
QPushButton:pressed { background: $hair; }
QPushButton:disabled { color: $muted; border-color: $hair; background: $window; }
QPushButton:focus { border: 2px solid $accent; }
QPushButton#primary { background: $accent; color: $on; border-color: $accent; font-weight: 600; }
QPushButton#primary:hover { background: $accent; border-color: $text; }
QPushButton#primary:focus { border: 2px solid $text; }
QPushButton#primary:disabled { background: $sunken; color: $muted; border-color: $hair; }
QPushButton#quiet { border-color: transparent; background: transparent; color: $accent; padding: 0 8px; }
QPushButton#quiet:hover { background: $soft; }
QPushButton#quiet:focus { border: 2px solid $accent; }
QPushButton#quiet:disabled { color: $muted; }
QPushButton#quiet[small="true"] { min-height: 18px; padding: 0 6px; font-size: ${less}px; border-radius: 4px; }
QPushButton#quiet[chip="true"] { min-height: 20px; padding: 0 10px; border: 1px solid $hair; border-radius: 11px;
  background: $surface; }
QPushButton#quiet[chip="true"]:hover { background: $soft; }
QPushButton#quiet[chip="true"]:focus { border: 2px solid $accent; }
QPushButton#quiet[choice="true"] { min-height: 22px; padding: 0 10px; border: 1px solid $border; background: $surface;
  color: $text; }
QPushButton#quiet[choice="true"]:hover { background: $sunken; }
QPushButton#quiet[choice="true"]:checked { background: $soft; border: 1px solid $accent; font-weight: 600; }
QPushButton#quiet[choice="true"]:focus { border: 2px solid $accent; }
QPushButton::menu-indicator { width: 0; image: none; }
QPushButton#filter::menu-indicator { width: 12px; image: url("$icons/arrow-down.svg"); right: 8px;
  subcontrol-origin: padding; subcontrol-position: right center; }
QToolButton { min-height: 28px; min-width: 28px; border-radius: 6px; border: 1px solid transparent;
  background: transparent; color: $text; padding: 0 4px; }
QToolButton:hover { background: $sunken; }
QToolButton:checked { background: $soft; color: $accent; }
QToolButton:focus { border: 2px solid $accent; }
QToolButton:disabled { color: $muted; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDateEdit, QComboBox, QKeySequenceEdit { background: $surface;
  color: $text; border: 1px solid $border; border-radius: 6px; padding: 4px 8px; selection-background-color: $accent;
  selection-color: $on; }
QLineEdit, QSpinBox, QDateEdit, QComboBox { min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDateEdit:focus, QComboBox:focus {
  border: 2px solid $accent; padding: 3px 7px; }
QPlainTextEdit[readOnly="true"], QLineEdit[readOnly="true"] { background: $window; border-color: $hair; }
QLineEdit QToolButton { min-height: 0; min-width: 0; border: 0; padding: 0; }
QTextBrowser { background: $surface; border: 1px solid $hair; border-radius: 8px; padding: 8px; }
QListView, QTreeView, QTableView { background: $window; border: 0; outline: 0; }
QTableView { gridline-color: $hair; background: $surface; border: 1px solid $hair; border-radius: 6px; }
QTableView:focus { border-color: $accent; }
QTableView::item { padding: 0 8px; color: $text; }
QTableView::item:selected { background: $soft; color: $text; }
QTableView::item:disabled { color: $muted; }
QHeaderView::section { background: $window; color: $muted; border: 0; border-bottom: 1px solid $hair; padding: 6px 8px;
  font-weight: 600; }
QListWidget::item { padding: 10px; border-radius: 6px; color: $text; }
QListWidget::item:selected { background: $soft; color: $text; }

QTreeView { background: $surface; border: 1px solid $hair; border-radius: 6px; }
QTreeView::item { padding: 5px 4px; border: 0; color: $text; }
QTreeView::item:selected { background: $soft; color: $text; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $soft; }
QComboBox::drop-down, QDateEdit::drop-down { border: 0; width: 24px; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url("$icons/arrow-down.svg"); width: 12px; height: 12px; }
QComboBox { combobox-popup: 0; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $hair; padding: 4px;
  selection-background-color: $soft; selection-color: $text; }
QComboBox QAbstractItemView::item { padding: 5px 4px; color: $text; }
QComboBox QAbstractItemView::item:selected { background: $soft; }
QDialog#palette { background: $surface; border: 1px solid $border; }
QDialog#palette QListWidget { background: $surface; }

QTabBar { background: transparent; border: 0; }
QTabBar::tab { padding: 7px 12px; margin-right: 2px; border: 0; border-top-left-radius: 6px;
  border-top-right-radius: 6px;
  color: $muted; background: transparent; }
QTabBar::tab:selected { background: $surface; color: $text; font-weight: 500; }
QTabBar::tab:hover:!selected { background: $hair; }
QTabBar::tab:focus { color: $accent; }

QTabBar::scroller { width: 48px; }
QTabBar QToolButton { min-width: 20px; min-height: 20px; padding: 0; background: $sunken; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 24px; padding: 0 2px; border: 2px solid transparent;
  border-radius: 4px; }
QRadioButton::indicator { width: 14px; height: 14px; border-radius: 8px; border: 1px solid $border;
  background: $surface; }
QRadioButton::indicator:checked { width: 8px; height: 8px; border: 4px solid $accent; }
QCheckBox::indicator:unchecked { width: 14px; height: 14px; border-radius: 3px; border: 1px solid $border;
  background: $surface; }
QCheckBox::indicator:checked { width: 14px; height: 14px; border-radius: 3px; border: 1px solid $accent;
  background: $accent; image: url("$icons/$tick"); }
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QScrollArea { border: 0; background: transparent; }
QScrollArea#scrolled, QScrollArea#verdict { border: 2px solid transparent; border-radius: 6px; }
QScrollArea#scrolled:focus, QScrollArea#verdict:focus { border-color: $accent; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $hair; }
QSplitter::handle:hover { background: $accent; }
QMenu { background: $surface; border: 1px solid $hair; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $soft; color: $text; }
QMenu::separator { height: 1px; background: $hair; margin: 4px 8px; }
QProgressBar { border: 0; background: $hair; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSlider::groove:horizontal { height: 4px; background: $hair; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 14px; margin: -5px 0; border-radius: 7px; }
""")


def style_sheet(tokens: Mapping[str, str], text_size: float) -> str:
    """The sheet in these colours; `text_size` multiplies the sizes that it names."""
    sizes = {"small": 11, "less": 12, "title": 15, "headline": 20}
    scaled = {name: round(size * text_size) for name, size in sizes.items()}
    # A sheet's pictures cannot take a colour from it.
    tick = "tick-white.svg" if tokens["on"] == "#FFFFFF" else "tick-black.svg"
    return _SHEET.substitute(tokens, **scaled, icons=(resources() / "icons").as_posix(), tick=tick)
