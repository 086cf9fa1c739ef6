#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The API reference, from the comments that stand at the functions.

  docs.py [FOLDER]        builds FOLDER/man (section 3) and FOLDER/html
  docs.py --filter FILE   prints FILE with its comments in doxygen's words

Comments are written in the kernel's form.  doxygen reads them, breathe and
Sphinx make pages of what it read; a page is one function that a header under
include/ declares, and a macro that only forwards to one is an alias of its
page.  Whatever doxygen or Sphinx warns of ends this with status 1, as does an
exported function without a page.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECTIONS = {"Return": "@return", "Context": "@par Context\n * ",
            "Source": "@par Source\n * "}
LIBC = {"malloc", "free", "fork", "main", "abort", "printf"}
SPHINX = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j2"]


def doxygen_words(text):
    """The kernel's comment form in doxygen's commands."""

    def comment(match):
        lines = []
        for line in match[0].split("\n"):
            title = re.match(r" \* [\w ]*?(\w+)(\(\))? - (.*)", line)
            param = re.match(r" \* @(\w+): *(.*)", line)
            section = re.match(r" \* (Return|Context|Source): *(.*)", line)
            words = title or param or section
            rest = re.sub(r"@(\w+)", r"@p \1", words[words.lastindex]
                          if words else line)
            if title and len(lines) == 1:
                rest = f" * @brief {rest}"
            elif param:
                rest = f" * @param {param[1]} {rest}"
            elif section:
                rest = f" * {SECTIONS[section[1]]} {rest}"
            elif words:
                rest = line
            lines.append(rest)
        return "\n".join(lines)

    return re.sub(r"/\*\*\n.*?\*/", comment, text, flags=re.S)


def run(command, **kwargs):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **kwargs)
    if done.returncode or "warning:" in done.stdout:
        sys.exit(f"{done.stdout}docs.py: {command[0]} failed")


def read_comments(folder):
    """doxygen's XML in folder/xml; the functions it has comments of."""
    settings = (ROOT / "docs/reference/Doxyfile").read_text()
    settings += f'OUTPUT_DIRECTORY = "{folder}"\n'
    settings += f'INPUT_FILTER = "{sys.executable} {__file__} --filter"\n'
    settings += "WARN_AS_ERROR = FAIL_ON_WARNINGS\n"
    run(["doxygen", "-"], input=settings, cwd=ROOT)
    found = {}
    for file in (folder / "xml").glob("*_8[hc].xml"):
        for member in xml.parse(file).iter("memberdef"):
            brief = "".join(member.find("briefdescription").itertext())
            rest = member.find("detaileddescription")
            if member.get("kind") == "function" and brief.strip():
                found[member.findtext("name")] = (
                    brief.strip(), brief + "".join(rest.itertext()))
    return found


def headers():
    """Text of each public header, by its name, the kernel's names first."""
    paths = [path for folder in ("linux", "kmem")
             for path in sorted((ROOT / "include" / folder).rglob("*.h"))]
    return {str(p.relative_to(ROOT / "include")): p.read_text() for p in paths}


# Headers that a program has by including another.
PART_OF = {f"kmem/{part}.h": "linux/slab.h" for part in ("dialect", "typed")}


def declared_in(name, texts):
    pattern = re.compile(rf"^\w.*?\b{name}\)?\(|^{name}\(", re.M)
    for header, text in texts.items():
        if pattern.search(text):
            return PART_OF.get(header, header)
    return None


def aliases(pages, texts):
    """Macros that forward to a function, and the twins ending in _noprof."""
    known = {name for name, _, _ in pages}
    found = {}
    for text in texts.values():
        for match in re.finditer(
            r"^#define\s+(\w+)(?:\([^)]*\))?\s+(?:\\\n\s*)?\(?(\w+)\b"
            r"(?:\(.*\))?\)?$", text, re.M):
            if match[2] in known and match[1] not in known:
                found[match[1]] = match[2]
        for match in re.finditer(r"^\w[\w\s*]*?\b(\w+)\)?\([^;{]*\)"
                                 r"[\s\w]*?KMEM_ABI\((\w+)\)", text, re.M):
            if match[2] in known and match[1] not in known:
                found[match[1]] = match[2]
    return found


def broken_references(comments, names, texts):
    """name() in a comment of a page that is neither a page nor libc's."""
    code = "\n".join(texts.values())
    for function, text in sorted(comments.items()):
        for name in sorted(set(re.findall(r"\b(\w+)\(\)", text))):
            if name in names or name in LIBC:
                continue
            if not re.search(rf"^(#define |.*[ *]){name}\)?\(", code, re.M):
                yield f"{function}: {name}()"


def write_pages(folder, pages, other):
    (folder / "functions").mkdir()
    (folder / "pages.json").write_text(json.dumps(pages))
    shutil.copy(ROOT / "docs/reference/conf.py", folder)
    by_header = {}
    for name, header, brief in pages:
        by_header.setdefault(header, []).append((name, brief))
        also = sorted(a for a, target in other.items() if target == name)
        names = "".join(f"\nAlso as ``{a}``.\n" for a in also)
        (folder / "functions" / f"{name}.rst").write_text(
            f"{name}\n{'=' * len(name)}\n\nSynopsis\n--------\n\n"
            f"``#include <{header}>``\n\nDescription\n-----------\n\n"
            f".. doxygenfunction:: {name}\n{names}")
    index = ["libkmem", "=======", ""]
    for header, entries in sorted(by_header.items()):
        title = f"<{header}>"
        index += [title, "-" * len(title), "", ".. toctree::",
                  "   :titlesonly:", ""]
        index += [f"   functions/{name}" for name, _ in sorted(entries)]
        index += [""]
    (folder / "index.rst").write_text("\n".join(index))


def build(folder):
    folder = folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    work = folder / "work"
    work.mkdir(parents=True)
    comments = read_comments(work)
    texts = headers()
    pages = []
    for name, (brief, _) in sorted(comments.items()):
        header = declared_in(name, texts)
        if header:
            pages.append((name, header, brief.rstrip(".")))
    other = aliases(pages, texts)
    write_pages(work, pages, other)
    run([*SPHINX, "-b", "man", work, folder / "man"])
    run([*SPHINX, "-b", "html", work, folder / "html"])
    for alias, name in other.items():
        (folder / "man" / f"{alias}.3").write_text(f".so man3/{name}.3\n")
    shutil.rmtree(work)
    for junk in (folder / "man/.doctrees", folder / "html/.doctrees"):
        shutil.rmtree(junk, ignore_errors=True)
    names = {name for name, _, _ in pages} | set(other)
    texts_of = {name: comments[name][1] for name, _, _ in pages}
    broken = list(broken_references(texts_of, names, texts))
    if broken:
        sys.exit("docs.py: references to what is not public: "
                 + ", ".join(broken))
    print(f"docs: {len(pages)} functions and {len(other)} other names in "
          f"{folder}/man and {folder}/html")
    return names


def exported(library):
    """What a program calls, by the names of the headers."""
    text = subprocess.run(["nm", "-D", "--defined-only", library], text=True,
                          check=True, capture_output=True).stdout
    names = {line.split()[2].split("@")[0] for line in text.splitlines()
             if line.split()[1] == "T"}
    return {name.removeprefix("kmem_") for name in names}


def main():
    if sys.argv[1:2] == ["--filter"]:
        sys.stdout.write(doxygen_words(pathlib.Path(sys.argv[2]).read_text()))
        return
    base = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")
    names = build(base / "docs")
    library = base / "libkmem.so.0"
    if library.exists():
        missing = sorted(n for n in exported(library)
                         if n not in names and f"kmem_{n}" not in names
                         and not n.startswith(("called_", "inline_")))
        if missing:
            sys.exit("docs.py: exported and without a page: "
                     + ", ".join(missing))


if __name__ == "__main__":
    main()
