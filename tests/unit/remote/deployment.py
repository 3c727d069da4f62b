"""A deployment that holds the state of one setup in memory, behind an HTTP transport."""

import json
from collections.abc import Callable
from typing import Any

import httpx2

ID = "01890000-0000-7000-8000-000000000001"
STEPS = ("connect", "package", "visualforce", "choice", "review", "finished")
Answer = tuple[int, Any]


def side(state: str = "active") -> dict[str, Any]:
    return {"state": state, "account_id": "7" if state == "active" else None}


class FakeDeployment(httpx2.AsyncBaseTransport):
    """Everything is connected and nothing is done, until a test says otherwise.

    `asked` are the requests that changed something. `links` are consented to when they are given.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.keys: list[str] = []
        self.bodies: dict[str, Any] = {}
        self.connection: dict[str, Any] = {
            "id": ID,
            "portal_id": "111",
            "org_id": "00D1",
            "environment": "production",
            "hubspot": side(),
            "salesforce": side(),
        }
        self.consenting = True
        self.made = False
        self.preflight = "passed"
        self.package: dict[str, Any] = {
            "state": "absent",
            "requested_at": "t0",
            "resumable": False,
            "salesforce_said": "",
            "todo": "",
            "install_link": "",
            "percent": 0,
            "failures": [],
        }
        self.comes_out = "installed"
        self.visualforce: dict[str, Any] = {"visualforce": "waiting", "order": None}
        self.layouts = {"Lead-Lead Layout": False, "Contact-Contact Layout": True}
        self.chosen = False
        self.running = False
        self.same = True
        self.unresolved: list[dict[str, str]] = []
        self.warnings: list[str] = []
        self.can_finish = True
        self.imports: list[dict[str, str]] = []
        self.away = 0
        self.dry = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        content = await request.aread()
        if self.away:
            self.away -= 1
            raise httpx2.ConnectError("nobody is there")
        path = request.url.path.removeprefix("/api/v1").replace(ID, "ID")
        body = json.loads(content) if content.startswith(b"{") else None
        self.dry = "dry_run" in request.url.params
        if request.method == "POST":
            self.asked.append(path)
            self.bodies[path] = body
            self.keys.append(request.headers.get("Idempotency-Key", ""))
        status, answer = self._routes().get((request.method, path), _nothing)(body)
        return httpx2.Response(status, json=answer, headers={"ETag": '"1"'}, request=request)

    def _routes(self) -> dict[tuple[str, str], Callable[[Any], Answer]]:
        packages = "/packages/ID"
        return {
            ("GET", "/connections"): lambda _: (200, self._page()),
            ("POST", "/connections"): self._made,
            ("GET", "/connections/ID"): lambda _: (200, self.connection),
            ("POST", "/connections/ID/authorizations/hubspot"): lambda _: self._link("hubspot"),
            ("POST", "/connections/ID/authorizations/salesforce"): lambda _: self._link(
                "salesforce"
            ),
            ("POST", "/connections/ID/preflight"): lambda _: (200, self._checked()),
            ("GET", packages): lambda _: (200, self._looked()),
            ("POST", f"{packages}/installations"): lambda _: self._ordered(),
            ("POST", f"{packages}/resume"): lambda _: self._ordered(),
            ("GET", f"{packages}/visualforce"): lambda _: (200, self.visualforce),
            ("GET", f"{packages}/layouts"): lambda _: (200, self._layouts()),
            ("POST", f"{packages}/visualforce"): self._window,
            ("GET", "/setup/ID"): lambda _: (200, self._setup()),
            ("POST", "/setup/ID/choice"): lambda _: self._choice(),
            ("GET", "/setup/ID/review"): lambda _: (200, self._review()),
            ("POST", "/setup/ID/finish"): lambda _: self._finish(),
            ("POST", "/settings/ID/import"): lambda _: (200, self._import()),
            ("GET", "/imports"): lambda _: (200, self.imports),
            ("POST", "/imports"): self._begun,
        }

    def _page(self) -> dict[str, Any]:
        return {"items": [self.connection] if self.made else [], "next_cursor": None}

    def _made(self, _: Any) -> Answer:
        self.made = True
        return 201, {"id": ID, "state": "pending", "hubspot_authorize_url": "http://x/first"}

    def _link(self, which: str) -> Answer:
        if self.consenting:
            self.connection[which] = side()
        return 200, {"authorize_url": f"http://x/{which}"}

    def _checked(self) -> dict[str, Any]:
        item = {
            "mark": self.preflight,
            "side": "salesforce",
            "right": "View Setup",
            "todo": "Grant it." if self.preflight == "failed" else "",
            "found": "",
        }
        return {"mark": self.preflight, "items": [item]}

    def _looked(self) -> dict[str, Any]:
        seen = dict(self.package)
        if self.package["state"] == "requested":
            self.package["state"] = self.comes_out
        return seen

    def _ordered(self) -> Answer:
        self.package["state"] = "requested"
        return 202, self.package

    def _layouts(self) -> list[dict[str, Any]]:
        return [{"name": name, "window": on} for name, on in self.layouts.items()]

    def _window(self, body: Any) -> Answer:
        if body["action"] == "skip":
            self.visualforce["visualforce"] = "skipped"
        else:
            self.layouts |= dict.fromkeys(body["layouts"], True)
            order = {"state": "added", "salesforce_said": "", "todo": "", "asked_at": "t1"}
            self.visualforce = {"visualforce": "added", "order": order}
        return 202, self.visualforce

    def _setup(self) -> dict[str, Any]:
        done = {
            "connect": True,
            "package": self.package["state"] == "installed",
            "visualforce": self.visualforce["visualforce"] != "waiting",
            "choice": self.chosen,
            "review": self.running,
            "finished": self.running,
        }
        steps = [{"name": name, "state": "done" if done[name] else "open"} for name in STEPS]
        return {"steps": steps, "version": int(self.chosen), "drafting": False}

    def _choice(self) -> Answer:
        self.chosen = True
        return 201, {"settings": {"mappings": []}}

    def _import(self) -> dict[str, Any]:
        change = {"text": "Sync of companies: changed from off to on."}
        parts = [] if self.same else [{"part": "companies", "changes": [change]}]
        self.same = self.same or not self.dry
        return {"same": not parts, "parts": parts, "unresolved": self.unresolved}

    def _review(self) -> dict[str, Any]:
        problems = [
            {"severity": "warning", "code": code, "what": "Read this.", "fix": "Or that."}
            for code in self.warnings
        ]
        return {
            "statements": [{"text": "Finishing moves no record."}],
            "problems": problems,
            "can_finish": self.can_finish,
            "acknowledge": self.warnings,
        }

    def _finish(self) -> Answer:
        self.running = True
        return 200, {"message": "The sync runs."}

    def _begun(self, body: Any) -> Answer:
        self.imports.append({"side": body["side"]})
        return 202, {"id": "1", "state": "walking"}


def _nothing(_: Any) -> Answer:
    problem = {
        "type": "urn:causeway:problem:not-found",
        "title": "x",
        "status": 404,
        "detail": "There is no such thing.",
    }
    return 404, problem
