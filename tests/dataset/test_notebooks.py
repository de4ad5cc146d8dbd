"""The dataset's notebooks run on the sample, hold no code of their own, and keep clean outputs."""

import nbformat
import pytest

from shrump.recipe import PROJECT

NOTEBOOKS = sorted((PROJECT / "Dataset" / "Dataset_code").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_two():
    assert [path.stem for path in NOTEBOOKS] == ["Data_Balancing", "Dataset_Integration"]


def test_cells_call_the_library_and_define_nothing(notebook):
    for cell in code_cells(notebook):
        assert not any(
            line.lstrip().startswith(("def ", "class ", "for _", "while ")) for line in cell.source.split("\n")
        )
        assert len(cell.source.split("\n")) <= 14


def test_outputs_are_kept_and_clean(notebook):
    assert sum("image/png" in output.get("data", {}) for cell in code_cells(notebook) for output in cell.outputs) >= 3
    for cell in code_cells(notebook):
        assert cell.execution_count is None
        assert all(output.output_type != "error" for output in cell.outputs)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_it_runs_on_the_sample(notebook, tmp_path):
    from nbclient import NotebookClient

    for cell in code_cells(notebook):
        cell.source = cell.source.replace('WORKSPACE = ""', f'WORKSPACE = "{tmp_path.as_posix()}"')
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOKS[0].parent)}}).execute()
    assert (tmp_path / "Dataset" / "dataset.json").is_file()
