# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Sphinx's settings for the API reference.

scripts/docs.py writes the pages beside a copy of this file, with pages.json:
a list of [function, header, what it is].
"""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
pages = json.loads((HERE / "pages.json").read_text())

project = "libkmem"
copyright = "2026 The libkmem authors"
root_doc = "index"
extensions = ["breathe"]
breathe_projects = {"kmem": str(HERE / "xml")}
breathe_default_project = "kmem"
breathe_domain_by_extension = {"h": "c", "c": "c"}
primary_domain = "c"
html_theme = "alabaster"
html_theme_options = {
    "description": "The Linux kernel's memory allocation as a library",
    "fixed_sidebar": True,
}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_copy_source = False
man_show_urls = False
man_pages = [
    (f"functions/{name}", name, brief, ["The libkmem authors"], 3)
    for name, header, brief in pages
]
