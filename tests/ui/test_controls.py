"""Controls and grids: what they accept, and when they call back."""

from __future__ import annotations

import pytest
import traitlets
from jupyter_client.manager import start_new_kernel

from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    choice_matrix,
    number_box,
    number_grid,
    show,
    show_grid,
    show_matrix,
    text_box,
)
from workbench.rendering.section import static_html

COLUMNS = ({"label": "Price", "unit": "USD"}, {"label": "Seats", "optional": True})
ROWS = ({"key": "sso", "label": "Single sign-on"}, {"key": "log", "label": "Audit log"})
TIERS = ({"key": "t1", "label": "Team"}, {"key": "t2", "label": "Business"})


def test_a_number_box_keeps_to_its_limits() -> None:
    """A number outside is moved to the nearest possible one; whole boxes hold integers."""
    heard: list[float] = []
    box = number_box("Price", 10, minimum=0, maximum=50, unit="USD", on_change=heard.append)
    box.value = 70
    box.value = -3
    assert heard == [50, 0]
    whole = number_box("Seats", 1, whole=True)
    whole.value = 2.6
    assert whole.value == 3
    assert isinstance(whole.value, int)


def test_only_an_optional_box_can_be_emptied() -> None:
    """None is unknown where that is allowed, and refused elsewhere; not-a-number never gets in."""
    box = number_box("Price", 10, optional=True)
    box.value = None
    assert box.value is None
    for value in (None, float("nan")):
        with pytest.raises(traitlets.TraitError, match="needs a number"):
            number_box("Price", 10).value = value


def test_a_slider_without_limits_is_refused() -> None:
    """A slider needs two ends."""
    with pytest.raises(ValueError, match="minimum"):
        number_box("Price", 10, slider=True)


def test_a_box_goes_beyond_the_end_of_its_slider() -> None:
    """A number typed beyond the slider's end is kept as it is."""
    box = number_box("Price", 10, minimum=0, slider=True, slider_end=100)
    box.value = 400
    assert (box.value, box.slider_end, box.maximum) == (400, 100, None)


def test_an_option_may_stand_for_nothing() -> None:
    """A list shows the text of the option that stands for None: at first, when chosen, and when its options change."""
    heard: list[object] = []
    control = choice("Model", {"flat": "flat", "not chosen yet": None}, on_change=heard.append)
    assert (control.value, control.label) == (None, "not chosen yet")
    control.index = 0
    control.index = 1
    assert (heard, control.value, control.index) == (["flat", None], None, 1)
    show(control, None, options={"none": None, "flat": "flat"})
    assert (control.value, control.label) == (None, "none")
    show(control, "flat", options={"flat": "flat"})
    assert (control.value, control.label) == ("flat", "flat")
    show(control, None, options={"none": None})
    assert (control.value, control.label) == (None, "none")
    assert heard == ["flat", None]


def test_showing_a_value_calls_nobody() -> None:
    """What the panel sets is not taken for a person's change; a person's change is."""
    heard: list[object] = []
    controls = [
        (number_box("Price", 1, on_change=heard.append), 5),
        (choice("Model", ["flat", "per unit"], on_change=heard.append), "per unit"),
        (checkbox("Annual", on_change=heard.append), True),
        (text_box("Name", on_change=heard.append), "Ada"),
    ]
    for control, value in controls:
        show(control, value)
        assert control.value == value
    assert heard == []
    controls[0][0].value = 7
    assert heard == [7]


def test_new_options_can_be_shown_with_the_value() -> None:
    """Options and the chosen one change together, without a call."""
    heard: list[object] = []
    control = choice("Tier", {"Team": 1, "Pro": 2}, on_change=heard.append)
    show(control, 3, options={"Pro": 2, "Enterprise": 3})
    assert control.value == 3
    assert heard == []


def test_a_grid_takes_numbers_from_the_page_and_from_the_panel() -> None:
    """Cells typed on the page call back with all numbers; cells shown by the panel do not."""
    heard: list[object] = []
    grid = number_grid("Tiers", ("Team", "Pro"), COLUMNS, ((10, None), (20, 5)), on_change=heard.append)
    grid.cells = [[10, 3], [20, 5]]
    assert heard == [((10, 3), (20, 5))]
    assert grid.cell("Team", "Seats") == 3
    show_grid(grid, ("Only",), COLUMNS, ((1, 2),))
    assert grid.cells == [[1, 2]]
    assert len(heard) == 1


def test_a_matrix_maps_rows_to_the_columns_that_are_on() -> None:
    """The value is read-only and in the order of the table; new rows keep what is said about them."""
    heard: list[object] = []
    matrix = choice_matrix("Features", ROWS, TIERS, {"sso": ("t2",)}, on_change=heard.append)
    matrix.cells = [[False, True], [True, True]]
    assert dict(heard[-1]) == {"sso": ("t2",), "log": ("t1", "t2")}
    assert matrix.chosen("t1") == ("log",)
    with pytest.raises(TypeError):
        matrix.value["sso"] = ()
    show_matrix(matrix, ROWS[:1], TIERS, {"sso": ("t1", "t2")})
    assert matrix.cells == [[True, True]]
    assert len(heard) == 1


def test_static_pages_say_what_controls_hold() -> None:
    """Label and value for a control, a table for a grid, nothing for a button."""
    assert static_html(number_box("Price", 1250, unit="USD")) == "<div>Price: <b>1,250 USD</b></div>"
    assert "Annual: <b>no</b>" in static_html(checkbox("Annual"))
    assert "per unit" in static_html(choice("Model", {"per unit": 1}))
    assert static_html(button("Go", lambda: None)) == ""
    matrix = choice_matrix("Features", ROWS, TIERS, {"sso": ("t2",)}, row_heading="Feature")
    assert "Single sign-on" in static_html(matrix)
    assert static_html(matrix).count("✓") == 1
    grid = number_grid("Tiers", ("Team",), COLUMNS, ((10, None),), row_heading="Tier")
    assert "Price (USD)" in static_html(grid)
    assert "unknown" in static_html(grid)


def test_a_page_that_reads_late_misses_no_widget() -> None:
    """Widgets that were made while nobody read, more than the sockets of kernel and reader hold, all arrive."""
    made = 6000
    code = (
        "from workbench.rendering import widgets\n"
        f"for each in range({made}):\n    get_ipython().kernel.session.send("
        "get_ipython().kernel.iopub_socket, 'comm_open', {'at': each, 'state': 'x' * 500})"
    )
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        asked = client.execute(code)
        while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != asked:
            pass
        arrived = 0
        while (message := client.get_iopub_msg(timeout=60))["content"].get("execution_state") != "idle":
            arrived += message["header"]["msg_type"] == "comm_open" and "at" in message["content"]
        assert arrived == made
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
