"""The report: a study and its data as one HTML file, and as PDF and Excel beside it."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Brand": "workbench.report.brand",
        "ReportContent": "workbench.report.content",
        "calculator_html": "workbench.report.calculator",
        "gather_content": "workbench.report.content",
        "print_pdf": "workbench.report.pdf",
        "report_html": "workbench.report.page",
        "write_calculator": "workbench.report.calculator_files",
        "write_report": "workbench.report.files",
        "write_workbook": "workbench.report.workbook",
    },
)
