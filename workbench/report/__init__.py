"""Pages that open anywhere: the report (also as PDF and Excel), the usage calculator, and questionnaires."""

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
        "questionnaire": "workbench.report.questionnaire_page",
        "report_html": "workbench.report.page",
        "write_calculator": "workbench.report.calculator_files",
        "write_questionnaire": "workbench.report.questionnaire_page",
        "write_report": "workbench.report.files",
        "write_workbook": "workbench.report.workbook",
    },
)
