"""Renders templates with the real Cheetah and the real Jinja, for tests that compare them with ours.

Reads one JSON object a line: {"engine", "text", "data", "snippets", "keep"}; the engine is cheetah, jinja, or cobbler,
which chooses by the first line and does what Cobbler does around it. Writes one a line: {"out"} or {"error"}.
"keep": names that are not there stay as they are written (Cheetah) or are empty (Jinja), as in Cobbler.
"""
import json
import re
import signal
import sys
import warnings

import jinja2
from Cheetah.Template import Template

warnings.simplefilter("ignore")


def prepared(text, keep):
    text = re.sub(r"SNIPPET::([A-Za-z0-9_\-/.]+)", r"$SNIPPET('\1')", text)
    return ("#errorCatcher ListErrors\n" if keep else "") + text


def find(snippets, data, name):
    for owner in ("system", "profile", "distro"):
        path = "per_%s/%s/%s" % (owner, name, data.get(owner + "_name"))
        if path in snippets:
            return snippets[path]
    return snippets[name]


def cheetah(case):
    data, snippets, keep = case["data"], case["snippets"], case["keep"]

    class Base(Template):
        def SNIPPET(self, name):
            source = prepared(find(snippets, data, name), keep)
            made = Template.compile(source=source, baseclass=Base)
            nested = made(_preBuiltSearchList=self.searchList(), _globalSetVars=self._CHEETAH__globalSetVars)
            text = nested.respond()
            # What a snippet defines, its caller can use afterwards.
            mine = self.searchList()
            mine.extend(one for one in nested.searchList() if not any(one is other for other in mine))
            return text

    made = Template.compile(source=prepared(case["text"], keep), baseclass=Base)
    return made(searchList=[data]).respond()


def jinja(case):
    snippets, data = case["snippets"], case["data"]

    class Loader(jinja2.BaseLoader):
        def get_source(self, environment, name):
            if name not in snippets:
                raise jinja2.TemplateNotFound(name)
            return find(snippets, data, name), None, lambda: True

    undefined = jinja2.Undefined if case["keep"] else jinja2.StrictUndefined
    environment = jinja2.Environment(loader=Loader(), undefined=undefined)
    return environment.from_string(case["text"]).render(data)


def cobbler(case):
    first, _, rest = case["text"].partition("\n")
    if first == "#template=jinja2":
        text = jinja({**case, "text": rest})
    else:
        data = {**case["data"], "template_universe": case["data"]}
        text = cheetah({**case, "text": case["text"].replace("TEMPLATE::", "$"), "data": data})
    names = case["data"]
    text = re.sub(r"@@(\w+)@@", lambda mark: str(names[mark.group(1)]), text)
    text = re.sub(r"@@(\w+)@@", lambda mark: str(names[mark.group(1)]), text)
    return text.lstrip() if text.startswith("\n") else text


def described(error):
    try:
        return "%s: %s" % (type(error).__name__, str(error)[:300])
    except Exception:  # Cheetah's ParseError cannot always say where it is
        return type(error).__name__


ENGINES = {"cheetah": cheetah, "jinja": jinja, "cobbler": cobbler}

for line in sys.stdin:
    case = json.loads(line)
    signal.alarm(10)  # kills us: a template that never ends is a mistake of the test
    try:
        answer = {"out": ENGINES[case["engine"]](case)}
    except BaseException as error:  # SyntaxError, NotFound, whatever: it does not render
        answer = {"error": described(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
